import java.util.*;

public class Mjson implements Runnable {
    public void run() {
        Main.add("mjson", "body", r -> mjson.Json.read(r.text()).asMap());
    }
}
