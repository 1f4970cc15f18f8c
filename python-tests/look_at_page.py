"""Looks at a page in a headless Chromium: look_at_page.py PAGE FOLDER CHROMIUM CHROMEDRIVER.

Writes screenshots and a PDF to FOLDER and prints what it saw as one JSON object.
"""

import base64
import io
import json
import os
import pathlib
import sys

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# name: width, height, density, colour scheme
VIEWS = {
    "desktop": (1280, 900, 1, "light"),
    "dark": (1280, 900, 1, "dark"),
    "phone": (390, 844, 2, "light"),
    "phone-dark": (390, 844, 2, "dark"),
}

# What a page of a report says about itself.
LOOK = """
const number = (text) => (text === null ? null : Number(text));
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function luminance(css) {
  canvas.fillStyle = css;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(text, ground) {
  const [a, b] = [luminance(text), luminance(ground)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
function ground(element) {
  for (let one = element; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") {
      return colour;
    }
  }
  return "white";
}
const texts = [...document.querySelectorAll("body *")].filter(
  (one) =>
    !one.closest("script, style, .u-over") &&
    one.checkVisibility() &&
    [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()),
);
const weak = texts
  .map((one) => ({ text: one.textContent.slice(0, 40), at: contrast(getComputedStyle(one).color, ground(one)) }))
  .sort((a, b) => a.at - b.at);
return {
  width: innerWidth,
  scrollWidth: document.documentElement.scrollWidth,
  requests: performance.getEntriesByType("resource").map((entry) => entry.name),
  images: document.querySelectorAll("img, iframe, object, embed").length,
  scripts: document.querySelectorAll("script").length,
  handlers: [...document.querySelectorAll("*")].filter((one) => one.getAttributeNames().some((name) => name.startsWith("on"))).length,
  weakest: weak[0],
  charts: [...document.querySelectorAll("figure.chart")].map((figure) => {
    const drawn = figure.querySelector("canvas");
    const pixels = drawn ? drawn.getContext("2d").getImageData(0, 0, drawn.width, drawn.height).data : [];
    const colours = new Set();
    for (let i = 0; i < pixels.length; i += 4) {
      colours.add((pixels[i] << 24) | (pixels[i + 1] << 16) | (pixels[i + 2] << 8) | pixels[i + 3]);
    }
    return { id: figure.id, hidden: figure.hidden, colours: colours.size, width: figure.clientWidth, drawn: figure.querySelector(".uplot")?.clientWidth };
  }),
  captions: [...document.querySelectorAll("table")].filter((table) => !table.closest(".plot")).map((table) => Boolean(table.caption?.textContent.trim())),
  headless: [...document.querySelectorAll("main th")].filter((th) => !th.closest(".plot") && !th.scope).length,
  tables: Object.fromEntries(
    [...document.querySelectorAll("table[id]")].map((table) => [
      table.id,
      [...table.tBodies[0].rows].map((row) =>
        [...row.cells].slice(1).map((cell) => number(cell.querySelector("data")?.getAttribute("value") ?? null)),
      ),
    ]),
  ),
  text: document.querySelector("main").innerText,
};
"""


def main(page: pathlib.Path, folder: pathlib.Path, chromium: str, chromedriver: str) -> None:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--force-color-profile=srgb"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    seen = {}
    driver = webdriver.Chrome(options=options, service=Service(executable_path=chromedriver))
    try:
        for name, (width, height, density, scheme) in VIEWS.items():
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": density, "mobile": name.startswith("phone")},
            )
            driver.execute_cdp_cmd(
                "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            )
            driver.get(page.resolve().as_uri())
            seen[name] = driver.execute_script(LOOK)
            seen[name]["console"] = driver.get_log("browser")
            size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}
            shot = driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
            )["data"]
            picture = base64.b64decode(shot)
            (folder / f"{name}.png").write_bytes(picture)
            image = Image.open(io.BytesIO(picture)).convert("RGB")
            seen[name]["colours"] = len(image.getcolors(maxcolors=1 << 24))
            seen[name]["corner"] = image.getpixel((2, 2))
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
        (folder / "page.pdf").write_bytes(pdf)
        seen["pdf"] = {"bytes": len(pdf), "pages": pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ")}
    finally:
        driver.quit()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:])
