import { type Context, Hono } from 'hono'
import { pauseTrigger, removeTrigger, resumeTrigger, rotateTrigger } from '#core/triggers/change.ts'
import { previewTrigger, tryTrigger } from '#core/triggers/preview.ts'
import { findDeliveries, findTriggers, getDelivery, getTrigger, secretMade } from '#core/triggers/read.ts'
import { replayDelivery, sendTest } from '#core/triggers/replay.ts'
import { changeTrigger, createTrigger } from '#core/triggers/save.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { doOnce } from './replay.ts'
import { pathId, readRequest } from './request.ts'
import { changeBody, createBody, listQuery, nothing, previewBody, rotateBody, testBody } from './trigger-bodies.ts'

const pathTrigger = (c: Context<Env>): string => pathId(c, 'id', 'such trigger')

/** Addresses to which others send what has happened; each delivery starts a run. Those of other teams do not exist. */
export function triggerRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/triggers',
    describe({
      summary: 'Addresses that start runs',
      group: 'schedules',
      query: listQuery,
      answers: { 200: { list: 'Trigger' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findTriggers(core, actor, readQuery(c, listQuery)))
    },
  )

  app.post(
    '/triggers',
    describe({
      summary: 'Make an address that starts runs',
      more: 'Without a `secret` one is made; this answer alone has it.',
      group: 'schedules',
      body: createBody,
      answers: { 201: 'TriggerWithSecret' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, createBody)
      const { context: _, ...trigger } = body
      const made = await doOnce(c, actor, (once) => createTrigger(core, once, trigger))
      const view = await getTrigger(core, actor, made.id)
      // What the caller has brought along they know.
      const secret = trigger.secret === undefined ? await secretMade(core, made) : undefined
      const answer = { ...view, ...(secret === undefined ? {} : { secret }) }
      return c.json(answer, 201, { Location: `/v1/triggers/${made.id}` })
    },
  )

  app.post(
    '/triggers/preview',
    describe({
      summary: 'What a mapping makes of a request, before it is saved',
      group: 'schedules',
      body: previewBody,
      answers: { 200: 'TriggerPreview' },
      refuses: ['bad_input'],
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, previewBody)
      const { context: _, ...preview } = body
      return c.json(await previewTrigger(core, actor, preview))
    },
  )

  app.get(
    '/triggers/:id',
    describe({ summary: 'A trigger', group: 'schedules', answers: { 200: 'Trigger' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await getTrigger(core, actor, pathTrigger(c)))
    },
  )

  app.put(
    '/triggers/:id',
    describe({
      summary: 'Change what it does',
      more: 'What is left out stays. Whoever changes it is its owner from then on.',
      group: 'schedules',
      body: changeBody,
      answers: { 200: 'Trigger' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, changeBody)
      const id = pathTrigger(c)
      const { name, jobId, mapping, filter, example, budgetUsd, ratePerMinute } = await getTrigger(core, actor, id)
      const terms = { name, jobId, mapping, filter, example, budgetUsd, ratePerMinute, ...body }
      await doOnce(c, actor, (once) => changeTrigger(core, once, { id, terms }))
      return c.json(await getTrigger(core, actor, id))
    },
  )

  app.delete(
    '/triggers/:id',
    describe({ summary: 'Remove a trigger', group: 'schedules', answers: { 204: null } }),
    async (c) => {
      const actor = await actorOf(core, c)
      await removeTrigger(core, actor, { id: pathTrigger(c) })
      return c.body(null, 204)
    },
  )

  app.post(
    '/triggers/:id/pause',
    describe({
      summary: 'Take nothing for a while',
      group: 'schedules',
      body: nothing,
      answers: { 200: 'Trigger' },
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathTrigger(c)
      await doOnce(c, actor, (once) => pauseTrigger(core, once, { id }))
      return c.json(await getTrigger(core, actor, id))
    },
  )

  app.post(
    '/triggers/:id/resume',
    describe({
      summary: 'Take deliveries again',
      group: 'schedules',
      body: nothing,
      answers: { 200: 'Trigger' },
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathTrigger(c)
      await doOnce(c, actor, (once) => resumeTrigger(core, once, { id }))
      return c.json(await getTrigger(core, actor, id))
    },
  )

  app.post(
    '/triggers/:id/rotate',
    describe({
      summary: 'A new secret',
      more: 'The old one is refused at once, or counts for `overlapMs` more. Without a `secret` one is made; this answer alone has it.',
      group: 'schedules',
      body: rotateBody,
      answers: { 200: 'TriggerWithSecret' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, rotateBody)
      const id = pathTrigger(c)
      const made = await doOnce(c, actor, (once) => rotateTrigger(core, once, { id, ...body }))
      const secret = body.secret === undefined ? await secretMade(core, made) : undefined
      return c.json({ ...(await getTrigger(core, actor, id)), ...(secret === undefined ? {} : { secret }) })
    },
  )

  app.post(
    '/triggers/:id/test',
    describe({
      summary: 'What a request would lead to, or to handle one',
      more: 'Without `run` nothing is written and nothing costs; with it the request is handled as if it had come.',
      group: 'schedules',
      body: testBody,
      answers: { 200: 'TriggerPreview', 202: 'DeliveryTaken' },
      refuses: ['bad_input', 'conflict'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, testBody)
      const id = pathTrigger(c)
      const { run, ...request } = body
      if (!run) {
        const isGiven = request.body !== undefined || request.headers !== undefined
        return c.json(await tryTrigger(core, actor, { id, ...(isGiven ? { request } : {}) }))
      }
      const { deliveryId } = await doOnce(c, actor, (once) => sendTest(core, once, { id, request }))
      return c.json({ deliveryId, status: 'accepted' }, 202, {
        Location: `/v1/triggers/${id}/deliveries/${deliveryId}`,
      })
    },
  )

  app.get(
    '/triggers/:id/deliveries',
    describe({
      summary: 'What came and what became of it',
      group: 'schedules',
      query: listQuery,
      answers: { 200: { list: 'Delivery' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(await findDeliveries(core, actor, { id: pathTrigger(c), ...readQuery(c, listQuery) }))
    },
  )

  app.get(
    '/triggers/:id/deliveries/:deliveryId',
    describe({ summary: 'A delivery, with what came', group: 'schedules', answers: { 200: 'Delivery' } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const deliveryId = pathId(c, 'deliveryId', 'such delivery')
      return c.json(await getDelivery(core, actor, { id: pathTrigger(c), deliveryId }))
    },
  )

  app.post(
    '/triggers/:id/deliveries/:deliveryId/replay',
    describe({
      summary: 'Handle a delivery once more',
      more: 'As one of its own, with the mapping and the rights of now.',
      group: 'schedules',
      body: nothing,
      answers: { 202: 'DeliveryTaken' },
      refuses: ['conflict', 'expired'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const id = pathTrigger(c)
      const before = pathId(c, 'deliveryId', 'such delivery')
      const { deliveryId } = await doOnce(c, actor, (once) => replayDelivery(core, once, { id, deliveryId: before }))
      return c.json({ deliveryId, status: 'accepted' }, 202, {
        Location: `/v1/triggers/${id}/deliveries/${deliveryId}`,
      })
    },
  )
  return app
}
