package org.dapt.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules that keep the code in rooms of a size one can look over: CONTRIBUTING, "Layout". */
class SourceRulesTest {
  private static final int CLASSES_OF_A_PACKAGE = 30;
  private static final int LINES_OF_A_CLASS = 300;

  @TempDir private Path folder;

  @Test
  void noPackageDependsOnItselfByWayOfOthers() throws IOException {
    assertThat(project().cycles()).isEmpty();
  }

  @Test
  void noPackageHasMoreClassesThanOneLooksOver() throws IOException {
    Map<String, List<SourceTree.Source>> packages = project().packages();
    assertThat(packages).hasSizeGreaterThan(30);
    packages.values().removeIf(classes -> classes.size() <= CLASSES_OF_A_PACKAGE);
    assertThat(packages.keySet())
        .as("packages of more than %d classes", CLASSES_OF_A_PACKAGE)
        .isEmpty();
  }

  @Test
  void noClassIsLongerThanOneReads() throws IOException {
    List<SourceTree.Source> classes =
        project().packages().values().stream().flatMap(List::stream).toList();
    assertThat(classes).hasSizeGreaterThan(300);
    assertThat(classes.stream().filter(source -> source.lines() > LINES_OF_A_CLASS))
        .as("classes of more than %d lines", LINES_OF_A_CLASS)
        .isEmpty();
  }

  @Test
  void aCycleOverTwoModulesIsFoundOnceWithTheFilesThatMakeIt() throws IOException {
    write("low", "a", "One", "import org.dapt.b.Two;");
    write("low", "b", "Two", "// as org.dapt.c.Three does");
    write("high", "c", "Three", "class Three extends org.dapt.a.One {}");
    write("high", "d", "Four", "import org.dapt.a.One;\nimport org.dapt.d.Five;");
    assertThat(SourceTree.read(folder).cycles())
        .containsExactly(
            "org.dapt.a -> org.dapt.b (low/src/main/java/org/dapt/a/One.java)"
                + " -> org.dapt.c (low/src/main/java/org/dapt/b/Two.java)"
                + " -> org.dapt.a (high/src/main/java/org/dapt/c/Three.java)");
  }

  @Test
  void packagesThatMeetAgainBelowAreNoCycle() throws IOException {
    write("all", "a", "One", "import org.dapt.b.Two;\nimport org.dapt.c.Three;");
    write("all", "b", "Two", "import org.dapt.d.Four;");
    write("all", "c", "Three", "import org.dapt.d.Four;");
    write("all", "d", "Four", "");
    SourceTree tree = SourceTree.read(folder);
    assertThat(tree.cycles()).isEmpty();
    assertThat(tree.packages().get("org.dapt.a"))
        .containsExactly(new SourceTree.Source("all/src/main/java/org/dapt/a/One.java", 3));
  }

  private static SourceTree project() throws IOException {
    return SourceTree.read(Path.of(System.getProperty("dapt.home")));
  }

  private void write(String module, String name, String type, String code) throws IOException {
    Path file = folder.resolve(module + "/src/main/java/org/dapt/" + name + "/" + type + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "package org.dapt." + name + ";\n" + code + "\n");
  }
}
