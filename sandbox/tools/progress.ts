import { Listr } from "listr2";

/** Tells what a long task is at. Only the latest text is of interest. */
export type Say = (text: string) => void;

/** Seconds between two lines where there is no terminal to draw on. */
const LINE_EVERY = 20;

/**
 * Runs a long task in sight of the user: a line that changes in a terminal, else (as in CI) a plain line at the start,
 * every 20 seconds, and at the end.
 */
export function withProgress<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  return process.stdout.isTTY ? inTerminal(title, work) : inLines(title, work, (line) => console.log(line));
}

async function inTerminal<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const results: T[] = [];
  const began = Date.now();
  await new Listr([
    {
      title,
      task: async (_context, task) => {
        const news = new News();
        const draw = () => {
          task.title = `${title} (${since(began)})`;
          task.output = news.text;
        };
        const timer = setInterval(draw, 1000);
        try {
          results.push(await work((text) => news.say(text)));
        } finally {
          clearInterval(timer);
          draw();
        }
      },
    },
  ]).run();
  const [result] = results;
  if (results.length === 0) throw new Error(`${title}: ended without a result`);
  return result as T;
}

/** The form without a terminal; exported for its test. `everySeconds` defaults to 20. */
export async function inLines<T>(
  title: string,
  work: (say: Say) => Promise<T>,
  print: Say,
  everySeconds = LINE_EVERY,
): Promise<T> {
  const began = Date.now();
  const news = new News();
  print(`${title} ...`);
  const timer = setInterval(
    () => print(`  ${since(began)}: still at it${news.text === "" ? "" : ` (${news.text})`}`),
    everySeconds * 1000,
  );
  try {
    const result = await work((text) => news.say(text));
    print(`  done in ${since(began)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** What a task said last. Go tells what it downloads and compiles in silence: a word is no news after ten seconds. */
class News {
  #text = "";
  #at = 0;

  say(text: string): void {
    this.#text = text;
    this.#at = Date.now();
  }

  get text(): string {
    return Date.now() - this.#at < 10_000 ? this.#text : "";
  }
}

function since(began: number): string {
  const seconds = Math.round((Date.now() - began) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
