import com.alibaba.fastjson.JSON;
import java.util.*;

/** fastjson is in no package of Debian's. Where its jar is put beside Debian's, it is asked, too. */
public class FastJson implements Runnable {
    public void run() {
        Main.add("fastjson map", "body", r -> JSON.parseObject(r.text()));
        Main.add("fastjson bean", "body" + Main.BEAN, r -> Main.bean(JSON.parseObject(r.text(), Main.Callback.class)));
        Main.add("fastjson getters", "body" + Main.GETTERS, r -> JSON.parseObject(r.text(), Main.Bean.class).map());
    }
}
