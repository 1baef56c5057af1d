import * as fs from "node:fs";

/** The variables of a GitLab CI job for a merge request. @see https://docs.gitlab.com/ci/variables/predefined_variables/ */
type Variables = Readonly<Record<string, string | undefined>>;

interface Note {
  readonly id: number;
  readonly body: string;
}

/** GitLab permits a million characters in a comment; nobody reads more than this. */
const maximum = 60_000;

/**
 * Writes the output of `pulumi preview` as one comment on the merge request: the first run creates it, later runs edit it.
 *
 * @see https://docs.gitlab.com/api/notes/#merge-requests
 */
export async function commentPreview(output: string, variables: Variables): Promise<void> {
  const read = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set: see docs/preview-in-ci.md`);
    return value;
  };
  const project = `${read("CI_API_V4_URL")}/projects/${read("CI_PROJECT_ID")}`;
  const notes = `${project}/merge_requests/${read("CI_MERGE_REQUEST_IID")}/notes`;
  const heading = `#### \`pulumi preview\` of the stack \`${read("PULUMI_STACK")}\``;
  // The summary is at the end.
  const shown = output.length > maximum ? `...\n${output.slice(-maximum)}` : output;
  const body = `${heading}\n\n\`\`\`text\n${shown.replaceAll("```", "'''")}\n\`\`\`\n`;

  const call = async (url: string, method: string, content?: object): Promise<unknown> => {
    const headers = { "PRIVATE-TOKEN": read("GITLAB_TOKEN"), "Content-Type": "application/json" };
    const answer = await fetch(url, { method, headers, ...(content && { body: JSON.stringify(content) }) });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const findOwn = async (page: number): Promise<Note | undefined> => {
    const found = (await call(`${notes}?per_page=100&page=${page}`, "GET")) as readonly Note[];
    const own = found.find((note) => note.body.startsWith(heading));
    return own || found.length < 100 ? own : findOwn(page + 1);
  };
  const own = await findOwn(1);
  await (own ? call(`${notes}/${own.id}`, "PUT", { body }) : call(notes, "POST", { body }));
}

if (require.main === module) {
  const [file = ""] = process.argv.slice(2);
  void commentPreview(fs.readFileSync(file, "utf8"), process.env);
}
