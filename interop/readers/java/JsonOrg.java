import java.util.*;

/** org.json, in the implementation that is installed: Android's. */
public class JsonOrg implements Runnable {
    public void run() {
        Main.add("org.json (Android)", "body", r -> {
            org.json.JSONObject object = new org.json.JSONObject(r.text());
            Map<String, Object> found = new HashMap<>();
            for (String name : Main.fields) {
                if (object.has(name) && !object.isNull(name)) found.put(name, object.get(name));
            }
            return found;
        });
    }
}
