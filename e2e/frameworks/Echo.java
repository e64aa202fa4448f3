import com.google.gson.Gson;
import java.io.*;
import java.util.*;
import javax.servlet.http.*;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** A servlet in Tomcat. It answers with what it understood, and with the gate's headers. */
public class Echo {
    public static void main(String[] args) throws Exception {
        java.util.logging.LogManager.getLogManager().reset();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[1]);
        new File(args[1], "webapps").mkdirs();
        tomcat.setPort(Integer.parseInt(args[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("relaxedQueryChars", "\"<>[\\]^`{|}");
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "echo", new HttpServlet() {
            @Override
            protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
                Map<String, Object> answer = new HashMap<>();
                answer.put("headers", headers(request));
                String type = request.getContentType();
                if (type != null && type.toLowerCase().contains("json")) {
                    StringWriter text = new StringWriter();
                    request.getReader().transferTo(text);
                    answer.put("json", json(text.toString()));
                    answer.put("query", parameters(request));
                } else { // getParameter reads a form, too
                    answer.put("form", parameters(request));
                }
                response.setContentType("application/json;charset=utf-8");
                response.getWriter().write(new Gson().toJson(answer));
            }
        });
        context.addServletMappingDecoded("/", "echo");
        tomcat.start();
        tomcat.getServer().await();
    }

    static Map<String, String> headers(HttpServletRequest request) {
        Map<String, String> headers = new HashMap<>();
        headers.put("GroupId", request.getHeader("X-Chat-Group-Id"));
        headers.put("Operator_Account", request.getHeader("X-Chat-Operator"));
        headers.put("SdkAppid", request.getHeader("X-Chat-App"));
        return headers;
    }

    static Map<String, String> parameters(HttpServletRequest request) {
        Map<String, String> parameters = new HashMap<>();
        for (String name : new String[] {"GroupId", "Operator_Account", "SdkAppid"}) {
            if (request.getParameter(name) != null) parameters.put(name, request.getParameter(name));
        }
        return parameters;
    }

    static Object json(String text) {
        try {
            return new Gson().fromJson(text, Map.class);
        } catch (RuntimeException e) {
            return null;
        }
    }
}
