import java.util.*;

public class JsonSimple implements Runnable {
    @SuppressWarnings("unchecked")
    public void run() {
        Main.add("json-simple", "body", r -> (Map<String, Object>) new org.json.simple.parser.JSONParser().parse(r.text()));
    }
}
