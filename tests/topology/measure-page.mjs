// Runs in the page: the contrast of each text to what is behind it, and the texts of the picture that overlap.
(() => {
  const shown = "section:not([hidden])";
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const shape = element.closest(".node, .layer")?.querySelector("path");
    const { fill, color } = getComputedStyle(element);
    const [ink, paper] = shape
      ? [fill, getComputedStyle(shape).fill]
      : [element.matches("text") ? fill : color, getComputedStyle(document.body).backgroundColor];
    const [dark, light] = [luminance(ink), luminance(paper)].sort((one, other) => one - other);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = [...document.querySelectorAll(`${shown} text, tbody a, tbody small, header a`)];
  const boxes = [...document.querySelectorAll(`${shown} text`)].map((element) => ({
    text: element.textContent,
    box: element.getBoundingClientRect(),
  }));
  const overlap = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3;
  const overlaps = boxes.flatMap(({ text, box }, index) =>
    boxes
      .slice(index + 1)
      .filter((other) => overlap(box, other.box))
      .map((other) => `${text} / ${other.text}`),
  );
  const isInside = (inner, outer) => inner.left >= outer.left && inner.right <= outer.right;
  const outside = [...document.querySelectorAll(`${shown} .node`)].flatMap((node) => {
    const outer = node.querySelector("path").getBoundingClientRect();
    const inner = [...node.querySelectorAll("text")];
    return inner
      .filter((text) => !isInside(text.getBoundingClientRect(), outer))
      .map((text) => text.textContent);
  });
  return { count: texts.length, contrast: Math.min(...texts.map(contrast)), overlaps, outside };
})();
