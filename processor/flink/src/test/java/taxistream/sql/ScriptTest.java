package taxistream.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where statements begin and end. */
class ScriptTest {
    @Test
    void parts() {
        List<Script.Statement> all = Script.split("""
                -- a comment; with a semicolon
                CREATE TABLE `a;b` (n INT); /* ;
                ' */ INSERT INTO `a;b` /*+ OPTIONS('k'='v;w') */
                  SELECT 'it''s; fine' -- done;
                ;;
                SET 'table.x' = 'y'""");
        assertEquals(List.of("CREATE", "INSERT", "SET"), all.stream().map(Script.Statement::verb).toList());
        assertEquals(List.of(2, 3, 6), all.stream().map(Script.Statement::line).toList());
        assertEquals("\nCREATE TABLE `a;b` (n INT)", all.get(0).text());
        assertEquals("\n\n     INSERT INTO", all.get(1).text().substring(0, 18)); // in line 3, column 6, as in the file
        assertEquals(List.of(), Script.split(" -- nothing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 'a", "SELECT `a", "SELECT \"a", "/* a", "/*"})
    void unclosed(String text) {
        String what = assertThrows(IllegalArgumentException.class, () -> Script.split("\n" + text)).getMessage();
        assertEquals("line 2: a ", what.substring(0, 10));
    }
}
