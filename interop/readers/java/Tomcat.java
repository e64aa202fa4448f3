import javax.servlet.http.*;
import java.io.*;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.catalina.Context;

/** A servlet in Tomcat, over a connection: getParameter, and the body by getReader, which goes by the charset. */
public class Tomcat implements Runnable {
    private int port;
    private Socket socket;
    private final Map<String, Map<String, Object>> seen = new HashMap<>();

    public void run() {
        try {
            start();
        } catch (Exception e) {
            throw new RuntimeException(e);
        }
        Main.add("servlet getParameter", "params", r -> ask(r, "parameter"));
        Main.add("servlet getReader", "json", r -> r.type != null && r.type.toLowerCase().contains("json") ? ask(r, "reader") : null);
        Main.add("servlet getInputStream", "json", r -> r.type != null && r.type.toLowerCase().contains("json") ? ask(r, "stream") : null);
    }

    private void start() throws Exception {
        org.apache.catalina.startup.Tomcat tomcat = new org.apache.catalina.startup.Tomcat();
        File base = new File(System.getenv("INTEROP_DIR"), "tomcat");
        new File(base, "webapps").mkdirs();
        tomcat.setBaseDir(base.getPath());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        tomcat.getConnector().setProperty("relaxedQueryChars", "\"<>[\\]^`{|}");
        Context context = tomcat.addContext("", null);
        org.apache.catalina.startup.Tomcat.addServlet(context, "echo", new HttpServlet() {
            @Override
            protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
                seen.clear();
                String how = request.getHeader("X-How");
                if (how.equals("parameter")) {
                    Map<String, Object> parameters = new HashMap<>();
                    for (String name : Main.fields) {
                        if (request.getParameter(name) != null) parameters.put(name, request.getParameter(name));
                    }
                    seen.put(how, parameters);
                } else {
                    StringWriter text = new StringWriter();
                    if (how.equals("reader")) request.getReader().transferTo(text);
                    else text.write(new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                    seen.put(how, parse(text.toString()));
                }
                response.setContentLength(0);
            }
        });
        context.addServletMappingDecoded("/", "echo");
        tomcat.start();
        port = tomcat.getConnector().getLocalPort();
    }

    private static Map<String, Object> parse(String text) {
        try {
            return new com.google.gson.Gson().fromJson(text, Map.class);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private Map<String, Object> ask(Main.Request r, String how) throws IOException {
        if (socket == null) socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10000);
        seen.clear();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String head = "POST " + r.target + " HTTP/1.1\r\nHost: chat.example\r\nX-How: " + how + "\r\n" + (r.type == null ? "" : "Content-Type: " + r.type + "\r\n")
            + "Content-Length: " + r.body.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(r.body);
        try {
            socket.getOutputStream().write(out.toByteArray());
            StringBuilder answer = new StringBuilder();
            InputStream in = socket.getInputStream();
            while (answer.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) throw new EOFException();
                answer.append((char) c);
            }
            if (!answer.toString().startsWith("HTTP/1.1 200") || answer.indexOf("Connection: close") >= 0) {
                socket.close();
                socket = null;
                if (!answer.toString().startsWith("HTTP/1.1 200")) return null;
            }
            return seen.get(how);
        } catch (IOException e) {
            socket.close();
            socket = null;
            return null;
        }
    }
}
