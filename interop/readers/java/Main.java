import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

/** The protocol between the driver and Java's readers: a line with a request in, a line with what each of them read out. */
public class Main {
    /** What a class of readers is handed. */
    public static class Request {
        public String target; // a character for each byte
        public String type;   // null for none
        public byte[] body;

        public String text() { return new String(body, StandardCharsets.UTF_8); }
    }

    public interface Reader {
        /** The fields that were read, or null. */
        Map<String, ?> read(Request request) throws Exception;
    }

    static final Map<String, String> kinds = new LinkedHashMap<>();
    static final Map<String, Reader> readers = new LinkedHashMap<>();
    static String[] fields;

    public static void add(String name, String kind, Reader reader) {
        kinds.put(name, kind);
        readers.put(name, reader);
    }

    /** The fields of a bean that are not null. */
    public static Map<String, Object> bean(Object bean) throws Exception {
        if (bean == null) return null;
        Map<String, Object> found = new HashMap<>();
        for (java.lang.reflect.Field field : bean.getClass().getFields()) found.put(field.getName(), field.get(bean));
        return found;
    }

    public static final String BEAN = ":" + String.join(",", names());

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (java.lang.reflect.Field field : Callback.class.getFields()) names.add(field.getName());
        return names;
    }

    /** A callback as an application declares it. */
    public static class Callback {
        public String CallbackCommand, GroupId, TopicId, Operator_Account, Owner_Account, From_Account, Type, Name;
        public Long EventTime, MsgSeq, Random;
    }

    /** The same with a getter and a setter for each, which is what most libraries look at. */
    public static class Bean {
        private String CallbackCommand, GroupId, TopicId, Operator_Account, Type, Name;
        private Long EventTime;

        public String getCallbackCommand() { return CallbackCommand; }
        public void setCallbackCommand(String v) { CallbackCommand = v; }
        public String getGroupId() { return GroupId; }
        public void setGroupId(String v) { GroupId = v; }
        public String getTopicId() { return TopicId; }
        public void setTopicId(String v) { TopicId = v; }
        public String getOperator_Account() { return Operator_Account; }
        public void setOperator_Account(String v) { Operator_Account = v; }
        public String getType() { return Type; }
        public void setType(String v) { Type = v; }
        public String getName() { return Name; }
        public void setName(String v) { Name = v; }
        public Long getEventTime() { return EventTime; }
        public void setEventTime(Long v) { EventTime = v; }

        public Map<String, Object> map() {
            Map<String, Object> found = new HashMap<>();
            found.put("CallbackCommand", CallbackCommand);
            found.put("GroupId", GroupId);
            found.put("TopicId", TopicId);
            found.put("Operator_Account", Operator_Account);
            found.put("Type", Type);
            found.put("Name", Name);
            found.put("EventTime", EventTime);
            return found;
        }
    }

    public static final String GETTERS = ":CallbackCommand,GroupId,TopicId,Operator_Account,Type,Name,EventTime";

    static String text(Object value) {
        if (value == null || value.getClass().getSimpleName().equals("NullNode") || value.toString().equals("null") && !(value instanceof String)) return null;
        if (value instanceof String || value instanceof Boolean) return value.toString();
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return Double.isInfinite(number) || Double.isNaN(number) ? value.toString() : new java.math.BigDecimal(number == Math.rint(number) ? String.format("%.0f", number) : value.toString()).toPlainString();
        }
        if (value instanceof Number) return value.toString();
        return "<" + value.getClass().getSimpleName() + ">";
    }

    static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ' || c > '~') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        out.append('"');
    }

    static void answer(StringBuilder out, Map<String, ?> found) {
        if (found == null) {
            out.append("null");
            return;
        }
        out.append('{');
        String comma = "";
        for (String field : fields) {
            String value = text(found.get(field));
            if (value == null) continue;
            out.append(comma);
            quote(out, field);
            out.append(':');
            quote(out, value);
            comma = ",";
        }
        out.append('}');
    }

    static String part(String line, String name) {
        int at = line.indexOf("\"" + name + "\":\"");
        if (at < 0) return null;
        at += name.length() + 4;
        return line.substring(at, line.indexOf('"', at));
    }

    static byte[] decoded(String text) { return Base64.getDecoder().decode(text); }

    public static void main(String[] args) {
        try {
            serve();
        } catch (Throwable t) {
            t.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        Runtime.getRuntime().halt(0); // Tomcat's threads would go on
    }

    static void serve() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII), 1 << 16);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "US-ASCII");
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        java.util.logging.LogManager.getLogManager().reset();
        String first = in.readLine();
        fields = first.substring(2, first.length() - 2).split("\",\"");
        StringBuilder hello = new StringBuilder("{");
        for (String name : new String[] {"Jackson", "GsonReader", "JsonSimple", "JsonSmart", "JsonOrg", "Mjson", "JsonP", "Jettison", "Tomcat", "FastJson"}) {
            String why = null;
            try {
                ((Runnable) Class.forName(name).getDeclaredConstructor().newInstance()).run();
            } catch (Throwable t) {
                while (t.getCause() != null) t = t.getCause();
                why = "missing " + t;
            }
            if (why != null) {
                if (hello.length() > 1) hello.append(',');
                quote(hello, name);
                hello.append(':');
                quote(hello, why);
            }
        }
        for (String name : kinds.keySet()) {
            if (hello.length() > 1) hello.append(',');
            quote(hello, name);
            hello.append(':');
            quote(hello, kinds.get(name));
        }
        out.append(hello).append("}\n");
        out.flush();
        StringBuilder answers = new StringBuilder();
        for (String line; (line = in.readLine()) != null; ) {
            if (line.isEmpty()) {
                out.append(answers);
                out.flush();
                answers.setLength(0);
                continue;
            }
            Request request = new Request();
            String ask = part(line, "ask"), type = part(line, "c");
            request.target = new String(decoded(part(line, "t")), StandardCharsets.ISO_8859_1);
            request.type = type == null ? null : new String(decoded(type), StandardCharsets.ISO_8859_1);
            request.body = decoded(part(line, "b"));
            answers.append('{');
            String comma = "";
            for (String name : readers.keySet()) {
                String kind = kinds.get(name);
                String letter = kind.startsWith("body") ? "b" : kind.equals("query") ? "q" : "r";
                if (!ask.contains(letter)) continue;
                answers.append(comma);
                quote(answers, name);
                answers.append(':');
                Map<String, ?> found;
                try {
                    found = readers.get(name).read(request);
                } catch (Throwable e) {
                    found = null;
                }
                answer(answers, found);
                comma = ",";
            }
            answers.append("}\n");
        }
    }
}
