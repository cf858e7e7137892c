import type { JsonObject } from '#core/json.ts'
import { groupCommits } from '../../changelog/group.ts'
import { changelogMarkdown } from '../../changelog/markdown.ts'
import { readCommits } from '../../changelog/read.ts'

/** `{commits, title}` → `{markdown, groups, count}`. */
export async function run(input: JsonObject): Promise<JsonObject> {
  const commits = readCommits(String(input.commits))
  const groups = groupCommits(commits)
  const markdown = changelogMarkdown(String(input.title), groups)
  return { markdown, groups: groups as unknown as JsonObject[], count: commits.length }
}
