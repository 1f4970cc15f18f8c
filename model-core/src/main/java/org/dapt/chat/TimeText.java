package org.dapt.chat;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.util.Locale;

/** A time as C's {@code strftime} writes it in English. */
final class TimeText {
  private TimeText() {}

  /** {@code time} by {@code format}; what is no field stays as it is. */
  static String of(String format, LocalDateTime time) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < format.length(); at++) {
      char next = format.charAt(at);
      if (next != '%' || at + 1 == format.length()) {
        text.append(next);
      } else if (format.charAt(at + 1) == '-' && at + 2 < format.length()) {
        text.append(field(format.charAt(at + 2), time).replaceFirst("^0(?=.)", ""));
        at += 2;
      } else {
        text.append(field(format.charAt(++at), time));
      }
    }
    return text.toString();
  }

  private static String field(char field, LocalDateTime time) {
    return switch (field) {
      case 'd' -> two(time.getDayOfMonth());
      case 'm' -> two(time.getMonthValue());
      case 'Y' -> "%04d".formatted(time.getYear());
      case 'y' -> two(time.getYear() % 100);
      case 'H' -> two(time.getHour());
      case 'I' -> two((time.getHour() + 11) % 12 + 1);
      case 'M' -> two(time.getMinute());
      case 'S' -> two(time.getSecond());
      case 'p' -> time.getHour() < 12 ? "AM" : "PM";
      case 'j' -> "%03d".formatted(time.getDayOfYear());
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'b' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      case 'F' -> of("%Y-%m-%d", time);
      case 'T' -> of("%H:%M:%S", time);
      case '%' -> "%";
      default -> "%" + field;
    };
  }

  private static String two(int number) {
    return "%02d".formatted(number);
  }
}
