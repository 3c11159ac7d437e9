package taxistream.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The shape of a JSON value: fields and types. Where elements of an array differ, a type is a union: "number|null". */
final class Shapes {
  /** Objects whose keys are values: one stands for all. */
  private static final Set<String> MAPS = Set.of("user-config", "failureLabels", "environment", "properties");

  private Shapes() {}

  static Object of(JsonNode v) {
    return of("", v);
  }

  private static Object of(String name, JsonNode v) {
    if (v.isArray()) {
      Object one = null;
      for (JsonNode e : v) one = one == null ? of("", e) : merged(one, of("", e));
      return one == null ? List.of() : List.of(one);
    }
    if (!v.isObject()) return v.getNodeType().name().toLowerCase();
    TreeMap<String, Object> fields = new TreeMap<>();
    v.fields().forEachRemaining(f -> {
      String key = MAPS.contains(name) || f.getKey().matches("[0-9a-f]{32}") ? "*" : f.getKey();
      fields.merge(key, of(f.getKey(), f.getValue()), Shapes::merged);
    });
    return fields;
  }

  @SuppressWarnings("unchecked")
  private static Object merged(Object a, Object b) {
    if (a.equals(b)) return a;
    if (a instanceof Map && b instanceof Map) {
      TreeMap<String, Object> all = new TreeMap<>((Map<String, Object>) a);
      ((Map<String, Object>) b).forEach((k, shape) -> all.merge(k, shape, Shapes::merged));
      return all;
    }
    if (a instanceof List && b instanceof List) {
      List<Object> x = (List<Object>) a, y = (List<Object>) b;
      return x.isEmpty() ? y : y.isEmpty() ? x : List.of(merged(x.get(0), y.get(0)));
    }
    if (a instanceof String && b instanceof String) {
      TreeSet<String> types = new TreeSet<>(List.of(((String) a).split("\\|")));
      types.addAll(List.of(((String) b).split("\\|")));
      return String.join("|", types);
    }
    return a instanceof String ? b : a; // null beside an object
  }
}
