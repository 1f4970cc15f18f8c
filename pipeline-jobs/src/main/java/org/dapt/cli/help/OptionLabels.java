package org.dapt.cli.help;

import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.IParamLabelRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The values of options in a help text, behind a blank as everywhere in the documentation: picocli
 * would write {@code -D=KEY=VALUE}.
 */
public final class OptionLabels implements IParamLabelRenderer {
  private final IParamLabelRenderer usual;
  private final ColorScheme colours;

  private OptionLabels(IParamLabelRenderer usual, ColorScheme colours) {
    this.usual = usual;
    this.colours = colours;
  }

  /** The help of a command. */
  public static Help help(CommandSpec command, ColorScheme colours) {
    return new Help(command, colours) {
      @Override
      public IParamLabelRenderer parameterLabelRenderer() {
        return new OptionLabels(super.parameterLabelRenderer(), colours);
      }
    };
  }

  @Override
  public Ansi.Text renderParameterLabel(ArgSpec argument, Ansi ansi, List<Ansi.IStyle> styles) {
    Ansi.Text label = usual.renderParameterLabel(argument, ansi, styles);
    String text = label.plainString();
    return text.startsWith(usual.separator())
        ? colours.apply(separator() + text.substring(usual.separator().length()), styles)
        : label;
  }

  @Override
  public String separator() {
    return " ";
  }
}
