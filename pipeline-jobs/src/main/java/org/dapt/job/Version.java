package org.dapt.job;

/** The version of dapt in use. */
public final class Version {
  private Version() {}

  /** As in the manifest of the jar, {@code development} where the classes come from elsewhere. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
