package org.dapt.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;

class ServicesTest {
  /** Two implementations, which answer to different names. */
  public interface Shape {
    List<String> names();
  }

  public static final class Round implements Shape {
    @Override
    public List<String> names() {
      return List.of("circle", "ellipse");
    }
  }

  public static final class Angular implements Shape {
    @Override
    public List<String> names() {
      return List.of("square");
    }
  }

  /** Two implementations of the same name. */
  public interface Twin {
    String name();
  }

  public static final class Castor implements Twin {
    @Override
    public String name() {
      return "star";
    }
  }

  public static final class Pollux implements Twin {
    @Override
    public String name() {
      return "star";
    }
  }

  /** Its only implementation does not exist. */
  public interface Missing {
    String name();
  }

  /** No jar has any. */
  public interface Lonely {
    String name();
  }

  private static Services<Shape> shapes() {
    return Services.ofMany(Shape.class, Shape::names);
  }

  @Test
  void findsEachByAnyOfItsNames() {
    assertThat(shapes().names()).containsExactly("circle", "ellipse", "square");
    assertThat(shapes().named("draw.shape", "ellipse")).isInstanceOf(Round.class);
    assertThat(shapes().find("square")).containsInstanceOf(Angular.class);
    assertThat(shapes().find("hexagon")).isEmpty();
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> shapes().named("draw.shape", "squere"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "draw.shape is 'squere', expected one of [circle, ellipse, square]; the nearest is"
                + " square");
    assertThatThrownBy(() -> Services.of(Lonely.class, Lonely::name).named("draw.shape", "square"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the nearest is none");
  }

  @Test
  void twoOfOneNameAreAnErrorThatNamesBothClasses() {
    assertThatThrownBy(() -> Services.of(Twin.class, Twin::name))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'star'", Castor.class.getName(), Pollux.class.getName());
  }

  @Test
  void aServiceFileThatNamesNoClassIsAnError() {
    assertThatThrownBy(() -> Services.of(Missing.class, Missing::name))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("Missing", "org.dapt.service.Nowhere", "META-INF/services");
  }

  @Test
  void theContextClassLoaderIsNotAsked() {
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThat(shapes().names()).contains("circle");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
