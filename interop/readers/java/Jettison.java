import java.util.*;
import org.codehaus.jettison.json.JSONObject;

public class Jettison implements Runnable {
    public void run() {
        Main.add("jettison", "body", r -> {
            JSONObject object = new JSONObject(r.text());
            Map<String, Object> found = new HashMap<>();
            for (String name : Main.fields) {
                if (object.has(name) && !object.isNull(name)) found.put(name, object.get(name));
            }
            return found;
        });
    }
}
