package org.dapt.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Keeps what a class logs until it is closed. */
public final class CapturedLog implements AutoCloseable {
  private final List<LogEvent> events = Collections.synchronizedList(new ArrayList<>());
  private final Logger logger;
  private final AbstractAppender appender =
      new AbstractAppender("captured", null, null, false, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          events.add(event.toImmutable());
        }
      };

  /** Listens to {@code source}. */
  public CapturedLog(Class<?> source) {
    logger = (Logger) LogManager.getLogger(source);
    appender.start();
    logger.addAppender(appender);
  }

  /** The messages of {@code level} so far. */
  public List<String> lines(Level level) {
    return events.stream()
        .filter(event -> event.getLevel().equals(level))
        .map(event -> event.getMessage().getFormattedMessage())
        .toList();
  }

  @Override
  public void close() {
    logger.removeAppender(appender);
    appender.stop();
  }
}
