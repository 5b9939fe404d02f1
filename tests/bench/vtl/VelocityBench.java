import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.util.introspection.Info;

/**
 * Velocity 1.7 set up as API Gateway runs it, measured on one thread.
 *
 * <p>Arguments: a file with a JSON array of `{template, body, params}`, and `once` or `each` for how often a template
 * is parsed. Commands, one a line: `outputs` answers with a JSON array of all outputs, `round SECONDS` with the number
 * of renders and the nanoseconds of CPU time that the whole process used for them: compiler and collector included.
 */
public final class VelocityBench {
  /** Renders between two looks at the clock. */
  private static final int BATCH = 64;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Keeps the compiler from leaving a render out. */
  private static volatile int sink;

  private final RuntimeInstance velocity = new RuntimeInstance();
  private final List<Row> rows = new ArrayList<>();
  private final boolean parsedOnce;

  /** One template with what it is rendered with. */
  private record Row(String source, Template parsed, byte[] body, Map<String, Map<String, String>> params) {}

  /** What cannot be resolved is the empty string. */
  public static final class Blank implements InvalidReferenceEventHandler {
    @Override
    public Object invalidGetMethod(Context context, String reference, Object object, String property, Info info) {
      return "";
    }

    @Override
    public boolean invalidSetMethod(Context context, String left, String right, Info info) {
      return false;
    }

    @Override
    public Object invalidMethod(Context context, String reference, Object object, String method, Info info) {
      return "";
    }
  }

  private static final Blank BLANK = new Blank();

  @SuppressWarnings("unchecked")
  private VelocityBench(File file, boolean parsedOnce) throws Exception {
    this.parsedOnce = parsedOnce;
    velocity.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    velocity.setProperty("input.encoding", "UTF-8");
    velocity.setProperty("velocimacro.permissions.allow.inline", "false");
    velocity.setProperty("velocimacro.library", "");
    velocity.setProperty("directive.foreach.maxloops", "1000");
    velocity.init();
    for (String directive : List.of("evaluate", "include", "parse")) {
      velocity.removeDirective(directive);
    }
    for (Map<String, Object> row : (List<Map<String, Object>>) new ObjectMapper().readValue(file, List.class)) {
      String source = (String) row.get("template");
      byte[] body = ((String) row.get("body")).getBytes(StandardCharsets.UTF_8);
      Map<String, Map<String, String>> params = (Map<String, Map<String, String>>) row.get("params");
      rows.add(new Row(source, parse(source), body, params));
    }
  }

  private Template parse(String source) throws Exception {
    Template template = new Template();
    template.setRuntimeServices(velocity);
    template.setName("template");
    template.setData(velocity.parse(new StringReader(source), "template"));
    template.initDocument();
    return template;
  }

  private String render(Row row) throws Exception {
    VelocityContext context = new VelocityContext();
    context.put("input", new AwsObjects.Input(row.body, row.params));
    context.put("util", AwsObjects.UTIL);
    context.put("context", new AwsObjects.ContextMap());
    EventCartridge events = new EventCartridge();
    events.addEventHandler(BLANK);
    events.attachToContext(context);
    Template template = parsedOnce ? row.parsed : parse(row.source);
    StringWriter writer = new StringWriter();
    template.merge(context, writer);
    return writer.toString();
  }

  private String outputs() throws Exception {
    List<String> outputs = new ArrayList<>();
    for (Row row : rows) {
      outputs.add(render(row));
    }
    return new ObjectMapper().writeValueAsString(outputs);
  }

  private String round(double seconds) throws Exception {
    long start = SYSTEM.getProcessCpuTime();
    long end = start + (long) (seconds * 1e9);
    long renders = 0;
    long now;
    do {
      for (int i = 0; i < BATCH; i++) {
        sink += render(rows.get(i % rows.size())).length();
      }
      renders += BATCH;
      now = SYSTEM.getProcessCpuTime();
    } while (now < end);
    return renders + " " + (now - start);
  }

  public static void main(String[] arguments) throws Exception {
    VelocityBench bench = new VelocityBench(new File(arguments[0]), arguments[1].equals("once"));
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = commands.readLine()) != null) {
      String[] words = line.split(" ");
      String answer = words[0].equals("outputs") ? bench.outputs() : bench.round(Double.parseDouble(words[1]));
      System.out.write((answer + "\n").getBytes(StandardCharsets.UTF_8));
      System.out.flush();
    }
  }
}
