import com.google.gson.*;
import java.util.*;

/** Gson: a map, a tree, and beans under two naming policies. */
public class GsonReader implements Runnable {
    public void run() {
        Gson gson = new Gson();
        Main.add("gson map", "body", r -> gson.fromJson(r.text(), Map.class));
        Main.add("gson bean", "body" + Main.BEAN, r -> Main.bean(gson.fromJson(r.text(), Main.Callback.class)));
        Main.add("gson tree", "body", r -> {
            JsonObject tree = JsonParser.parseString(r.text()).getAsJsonObject();
            Map<String, Object> found = new HashMap<>();
            for (String name : Main.fields) {
                JsonElement value = tree.get(name);
                if (value != null && !value.isJsonNull()) found.put(name, value.isJsonPrimitive() ? value.getAsString() : value);
            }
            return found;
        });
    }
}
