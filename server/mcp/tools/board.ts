import { z } from 'zod'
import { acquireBoardLease, findBoardLeases, keepBoardLease, releaseBoardLease } from '#core/board/leases.ts'
import { postEvent } from '#core/events/post.ts'
import { findEvents, newestEvents } from '#core/events/read.ts'
import { ttlSeconds } from '../../api/collab.ts'
import { postBody } from '../../api/events.ts'
import { text } from '../../api/schemas.ts'
import { defineTool, READING, type Tool, WRITING } from '../tool.ts'

const held = {
  leaseId: text(100).min(1),
  epoch: z.number().int().min(1).describe('The number that leases.acquire gave: it proves that the lease is this one.'),
}

const LEASE_TOOLS: Tool[] = [
  defineTool({
    name: 'leases.list',
    title: 'List leases',
    description: 'What is held on the board at this moment, by whom, and until when.',
    args: z.strictObject({
      cursor: text(200).exactOptional(),
      limit: z.number().int().min(1).max(500).default(100),
      ...READING,
    }),
    hints: { readOnly: true },
    run: (core, actor, { context: _, ...query }) => findBoardLeases(core, actor, query),
  }),
  defineTool({
    name: 'leases.acquire',
    title: 'Take a lease',
    description:
      'Takes something that only one may do at a time, for ttlSeconds from the last sign of life. Refused with who has it.',
    args: z.strictObject({
      resource: text(200).min(1),
      purpose: text(500).default(''),
      ttlSeconds,
      ...WRITING,
    }),
    hints: { readOnly: false, destructive: false, idempotent: false },
    run: (core, actor, { context: _, idempotencyKey: __, ...wish }) => acquireBoardLease(core, actor, wish),
  }),
  defineTool({
    name: 'leases.heartbeat',
    title: 'Keep a lease',
    description: 'A sign of life of whoever holds a lease. Refused when it has ended or is another’s by now.',
    args: z.strictObject({ ...held, ...WRITING }),
    hints: { readOnly: false, destructive: false, idempotent: true },
    run: (core, actor, { leaseId, epoch }) => keepBoardLease(core, actor, { leaseId, epoch }),
  }),
  defineTool({
    name: 'leases.release',
    title: 'Give a lease back',
    description: 'Ends a lease before its time, so that others need not wait for it.',
    args: z.strictObject({ ...held, ...WRITING }),
    hints: { readOnly: false, destructive: false, idempotent: true },
    run: (core, actor, { leaseId, epoch }) => releaseBoardLease(core, actor, { leaseId, epoch }),
  }),
]

const EVENT_TOOLS: Tool[] = [
  defineTool({
    name: 'events.list',
    title: 'Read what happened',
    description:
      'Events of the context: after a number those that follow it, the oldest first; without one the newest there are.',
    args: z.strictObject({
      after: z.number().int().min(0).exactOptional().describe('The seq of the last event that was seen.'),
      types: z.array(text(100)).min(1).max(20).exactOptional().describe('run.* is all that begin so.'),
      actor: text(100).exactOptional(),
      subject: text(200).exactOptional(),
      limit: z.number().int().min(1).max(500).default(100),
      ...READING,
    }),
    hints: { readOnly: true },
    async run(core, actor, { context: _, after, ...query }) {
      if (after !== undefined) return findEvents(core, actor, { ...query, after })
      return { items: await newestEvents(core, actor, query), nextCursor: null }
    },
  }),
  defineTool({
    name: 'events.append',
    title: 'Write down an event',
    description: 'Puts an event of one’s own on record; it is never changed or removed.',
    args: postBody.extend(WRITING),
    hints: { readOnly: false, destructive: false, idempotent: false },
    run: (core, actor, { context: _, idempotencyKey: __, ...event }) => postEvent(core, actor, event),
  }),
]

export const BOARD_TOOLS: Tool[] = [...LEASE_TOOLS, ...EVENT_TOOLS]
