import { spawnSync } from 'node:child_process'
import { eventually } from '#tests/support/eventually.ts'
import { shortened } from './examples.ts'
import { Person } from './person.ts'
import type { Program } from './program.ts'
import { typed } from './terminal.ts'

/** What is typed, and what later lines know of its answer. */
interface Line {
  line: string
  keep?: Record<string, string>
  /** Asked again until its answer says so: a run takes a moment. */
  until?: string
}

const make = (json: string): Line => ({
  line: `curl -s $MUSTER/v1/triggers -H "$AUTH" --json '${json}' |
  jq '{id, url, secret}'`,
  keep: { TRIGGER: 'id', SECRET: 'secret' },
})
const deliveries: Line = {
  line: `curl -s $MUSTER/v1/triggers/$TRIGGER/deliveries -H "$AUTH" |
  jq '.items[] | {externalId, status, runStatus, costUsd, reason: .reason.message}'`,
  until: '"succeeded"',
}

export const GITHUB: readonly Line[] = [
  make(`{
    "name": "Releases", "jobId": "release-notes", "scheme": "github", "budgetUsd": "5",
    "mapping": {
      "commits": { "body": "release.body" },
      "title": { "template": "{{ body.repository.name }} {{ body.release.tag_name }}" }
    },
    "filter": { "headers": { "X-GitHub-Event": "release" }, "body": { "action": "published" } }
  }`),
  {
    line: `cat > release.json <<'END'
{"action": "published", "repository": {"name": "door"},
 "release": {"tag_name": "v1.2.0", "body": "4f1c2aa feat: opens both ways"}}
END`,
  },
  {
    line: `curl -s $MUSTER/hooks/$TRIGGER -H 'Content-Type: application/json' --data-binary @release.json \\
  -H 'X-GitHub-Event: release' -H 'X-GitHub-Delivery: 72d3162e' \\
  -H "X-Hub-Signature-256: sha256=$(openssl dgst -sha256 -hmac "$SECRET" -r release.json | cut -d' ' -f1)"`,
  },
  {
    line: `curl -s $MUSTER/hooks/$TRIGGER -H 'Content-Type: application/json' --data-binary @release.json \\
  -H 'X-Hub-Signature-256: sha256=0000' | jq -r .detail`,
  },
  deliveries,
]

export const STRIPE: readonly Line[] = [
  make(`{
    "name": "Paid", "jobId": "text.template", "scheme": "stripe",
    "mapping": { "template": { "value": "Thanks, {{ name }}." }, "data": { "body": "data.object.customer_details" } },
    "filter": { "body": { "type": "checkout.session.completed" } }
  }`),
  {
    line: `curl -s $MUSTER/v1/triggers/$TRIGGER/rotate -H "$AUTH" --json '{"secret": "whsec_as_stripe_shows_it"}' |
  jq '{version, hint}'`,
  },
  {
    line: `AT=$(date +%s); BODY='{"id": "evt_1", "type": "checkout.session.completed",
  "data": {"object": {"customer_details": {"name": "Ben"}}}}'
curl -s $MUSTER/hooks/$TRIGGER -H 'Content-Type: application/json' --data-binary "$BODY" \\
  -H "Stripe-Signature: t=$AT,v1=$(printf %s "$AT.$BODY" | openssl dgst -sha256 -hmac whsec_as_stripe_shows_it -r | cut -d' ' -f1)"`,
  },
  deliveries,
]

export const STANDARD: readonly Line[] = [
  make(`{
    "name": "Sign-ups", "jobId": "text.template", "scheme": "standard_webhooks",
    "mapping": { "template": { "value": "Welcome, {{ name }}." }, "data": { "body": "data" } }
  }`),
  {
    line: `AT=$(date +%s); BODY='{"type": "user.created", "data": {"name": "Ben"}}'
KEY=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf %s "msg_1.$AT.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -s $MUSTER/hooks/$TRIGGER -H 'Content-Type: application/json' --data-binary "$BODY" \\
  -H 'webhook-id: msg_1' -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIGNATURE"`,
  },
  deliveries,
]

/** What is typed there, beside what every machine has. */
export const hasTools = (): boolean =>
  ['curl', 'jq', 'openssl'].every((tool) => spawnSync(tool, ['--help']).error === undefined)

/** Types the lines one after the other, as one would in a shell. */
export async function trigger(program: Program, lines: readonly Line[]): Promise<string> {
  await Person.claim(program, 'ana')
  const key = await typed('npm run -s muster -- key create --account ana', program.environment)
  const environment: Record<string, string> = {
    ...program.environment,
    MUSTER: program.url,
    AUTH: `Authorization: Bearer ${key}`,
  }
  const parts: string[] = []
  for (const { line, keep = {}, until = '' } of lines) {
    // In a folder of its own: files of one line are there for the next.
    const answer = await eventually(async () => {
      const said = await typed(`cd "$HOME" && ${line}`, environment)
      if (!said.includes(until)) throw new Error(`${line}\nstill says: ${said}`)
      return said
    })
    for (const [name, path] of Object.entries(keep)) {
      environment[name] = JSON.parse(answer)[path]
    }
    parts.push([`$ ${line}`, masked(answer, environment.SECRET)].filter(Boolean).join('\n'))
  }
  return shortened(parts.join('\n\n').replaceAll(program.url, 'http://127.0.0.1:3000'))
}

/** It is another one each time, and the reader's own is longer than this. */
const masked = (text: string, secret: string | undefined): string =>
  secret === undefined ? text : text.replaceAll(secret, `${secret.startsWith('whsec_') ? 'whsec_' : ''}…`)
