import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.minidev.json.JSONArray;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;

/**
 * `$input`, `$util` and `$context` as plain Java that is meant to be fast: the body is decoded and parsed only when a
 * template asks, JSON is read from the bytes, paths are compiled once, and overrides are made on first use.
 */
public final class AwsObjects {
  /** `$util`. */
  public static final Util UTIL = new Util();

  private static final Configuration PATHS = Configuration.defaultConfiguration();
  private static final Map<String, JsonPath> COMPILED = new HashMap<>();
  private static final JSONStyle STYLE = new JSONStyle(JSONStyle.FLAG_PROTECT_4WEB);
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  private AwsObjects() {}

  /** `$input`. */
  public static final class Input {
    private final byte[] bytes;
    private final Map<String, Map<String, String>> params;
    private String body;
    private Object document;

    Input(byte[] bytes, Map<String, Map<String, String>> params) {
      this.bytes = bytes;
      this.params = params;
    }

    public String getBody() {
      if (body == null) {
        body = bytes.length == 0 ? "{}" : new String(bytes, StandardCharsets.UTF_8);
      }
      return body;
    }

    public Object path(String path) throws IOException {
      if (document == null) {
        document = parse(JSON.createParser(bytes));
      }
      if (path.equals("$")) {
        return document;
      }
      String rooted = path.startsWith("$") ? path : "$." + path;
      try {
        return COMPILED.computeIfAbsent(rooted, JsonPath::compile).read(document, PATHS);
      } catch (PathNotFoundException missing) {
        return null;
      }
    }

    public String json(String path) throws IOException {
      Object value = path(path);
      return value == null ? "\"\"" : JSONValue.toJSONString(value, STYLE);
    }

    public Object params() {
      return params;
    }

    public String params(String name) {
      for (String place : List.of("path", "querystring", "header")) {
        Map<String, String> entries = params.get(place);
        String value = entries == null ? null : entries.get(name);
        if (value != null) {
          return value;
        }
      }
      return "";
    }

    @Override
    public String toString() {
      return "";
    }
  }

  /** `$util`. */
  public static final class Util {
    public String escapeJavaScript(String text) {
      return StringEscapeUtils.escapeJavaScript(text);
    }

    public Object parseJson(String text) throws IOException {
      return parse(JSON.createParser(text));
    }

    public String urlEncode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public String urlDecode(String text) {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    public String base64Encode(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(String text) {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return "";
    }
  }

  /** `$context` and its members. */
  public static final class ContextMap extends HashMap<String, Object> {
    @Override
    public Object get(Object key) {
      Object value = super.get(key);
      if (value == null && ("requestOverride".equals(key) || "responseOverride".equals(key))) {
        ContextMap overrides = new ContextMap();
        overrides.put("header", new ContextMap());
        if ("requestOverride".equals(key)) {
          overrides.put("path", new ContextMap());
          overrides.put("querystring", new ContextMap());
        }
        put((String) key, overrides);
        return overrides;
      }
      return value;
    }

    @Override
    public String toString() {
      return "";
    }
  }

  private static Object parse(JsonParser parser) throws IOException {
    try (parser) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT:
        Map<String, Object> members = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          parser.nextToken();
          members.put(name, value(parser));
        }
        return members;
      case START_ARRAY:
        JSONArray items = new JSONArray();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        return items;
      case VALUE_STRING:
        return parser.getText();
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        return parser.getNumberValue();
      case VALUE_TRUE:
        return Boolean.TRUE;
      case VALUE_FALSE:
        return Boolean.FALSE;
      default:
        return null;
    }
  }
}
