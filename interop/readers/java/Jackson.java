import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.*;

/** Jackson: a map, a tree, and beans, strict and with every leniency that applications switch on. */
public class Jackson implements Runnable {
    public void run() {
        ObjectMapper plain = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        JsonMapper lenient = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY, DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS).build();
        ObjectMapper getters = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES).build();
        Main.add("jackson map", "body", r -> plain.readValue(r.body, Map.class));
        Main.add("jackson map of text", "body", r -> plain.readValue(r.text(), LinkedHashMap.class));
        Main.add("jackson tree", "body", r -> {
            Map<String, Object> found = new HashMap<>();
            JsonNode tree = plain.readTree(r.body);
            if (!tree.isObject()) return null;
            for (String name : Main.fields) {
                JsonNode value = tree.get(name);
                if (value != null && !value.isNull()) found.put(name, value.isContainerNode() ? value : value.asText());
            }
            return found;
        });
        Main.add("jackson bean", "body" + Main.BEAN, r -> Main.bean(plain.readValue(r.body, Main.Callback.class)));
        Main.add("jackson bean, case-insensitive", "body" + Main.BEAN, r -> Main.bean(lenient.readValue(r.body, Main.Callback.class)));
        Main.add("jackson getters, case-insensitive", "body" + Main.GETTERS, r -> getters.readValue(r.body, Main.Bean.class).map());
    }
}
