import assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { commentPreview } from "../../tools/gitlab-comment";

describe("gitlab-comment", () => {
  interface Note {
    readonly id: number;
    body: string;
  }
  let notes: Note[];
  let server: http.Server;
  let variables: Record<string, string>;
  const path = "/api/v4/projects/7/merge_requests/3/notes";

  /** The part of GitLab's notes API that the tool uses. */
  async function answer(request: http.IncomingMessage): Promise<[status: number, content: unknown]> {
    if (request.headers["private-token"] !== "secret") return [401, { message: "401 Unauthorized" }];
    const url = new URL(request.url ?? "", "http://gitlab");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { body = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { body?: string };
    const page = Number(url.searchParams.get("page"));
    if (request.method === "GET" && url.pathname === path)
      return [200, notes.slice(page * 100 - 100, page * 100)];
    if (request.method === "POST" && url.pathname === path)
      return [201, notes.push({ id: notes.length, body })];
    const note = notes.find(({ id }) => url.pathname === `${path}/${id}`);
    if (request.method !== "PUT" || !note) return [404, {}];
    note.body = body;
    return [200, note];
  }

  beforeEach((done) => {
    notes = [];
    server = http.createServer((request, response) => {
      void answer(request).then(([status, content]) =>
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(content)),
      );
    });
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      variables = {
        CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
        CI_PROJECT_ID: "7",
        CI_MERGE_REQUEST_IID: "3",
        PULUMI_STACK: "prod",
        GITLAB_TOKEN: "secret",
      };
      done();
    });
  });
  afterEach((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  it("creates one comment and edits it afterwards, among more than a page of others", async () => {
    notes = Array.from({ length: 150 }, (_, id) => ({ id, body: `note ${id}` }));
    await commentPreview("+ 3 to create", variables);
    await commentPreview("~ 1 to update", variables);
    assert.deepEqual(
      notes.slice(150).map(({ body }) => body),
      ["#### `pulumi preview` of the stack `prod`\n\n```text\n~ 1 to update\n```\n"],
    );
  });

  it("keeps the end of a long output, where the summary is", async () => {
    await commentPreview(`${"x".repeat(100_000)}\nResources: + 3`, variables);
    assert.ok((notes[0]?.body.length ?? 0) < 61_000);
    assert.match(notes[0]?.body ?? "", /Resources: \+ 3\n```\n$/);
  });

  it("fails with GitLab's answer, and with the name of a missing variable", async () => {
    await assert.rejects(commentPreview("", { ...variables, GITLAB_TOKEN: "wrong" }), /401 Unauthorized/);
    await assert.rejects(commentPreview("", { ...variables, GITLAB_TOKEN: "" }), /GITLAB_TOKEN is not set/);
  });
});
