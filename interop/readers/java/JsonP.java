import java.io.StringReader;
import java.util.*;
import javax.json.*;

public class JsonP implements Runnable {
    public void run() {
        JsonReaderFactory factory = Json.createReaderFactory(null);
        Main.add("javax.json", "body", r -> {
            JsonObject object = factory.createReader(new StringReader(r.text())).readObject();
            Map<String, Object> found = new HashMap<>();
            for (String name : Main.fields) {
                JsonValue value = object.get(name);
                if (value instanceof JsonString) found.put(name, ((JsonString) value).getString());
                else if (value instanceof JsonNumber) found.put(name, ((JsonNumber) value).bigDecimalValue());
                else if (value != null && value != JsonValue.NULL) found.put(name, value);
            }
            return found;
        });
    }
}
