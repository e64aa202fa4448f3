import java.util.*;
import net.minidev.json.parser.JSONParser;

public class JsonSmart implements Runnable {
    @SuppressWarnings("unchecked")
    public void run() {
        Main.add("json-smart", "body", r -> (Map<String, Object>) new JSONParser(JSONParser.MODE_PERMISSIVE).parse(r.text()));
        Main.add("json-smart, strict", "body", r -> (Map<String, Object>) new JSONParser(JSONParser.MODE_RFC4627).parse(r.text()));
        Main.add("json-smart, simple mode", "body", r -> (Map<String, Object>) new JSONParser(JSONParser.MODE_JSON_SIMPLE).parse(r.text()));
        Main.add("json-smart bean", "body" + Main.BEAN, r -> Main.bean(new JSONParser(JSONParser.MODE_PERMISSIVE).parse(r.text(), Main.Callback.class)));
    }
}
