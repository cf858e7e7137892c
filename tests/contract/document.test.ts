import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routesOf } from '#server/openapi/document.ts'
import { type Api, createApi } from '#tests/server/api.ts'

describe('the document of the API', () => {
  let api: Api
  beforeAll(async () => {
    api = await createApi('sqlite')
  })
  afterAll(() => api.end())

  it('has every route of the app, and no other', async () => {
    const { body } = await api.call(undefined, 'GET', '/openapi.json')
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const routes = routesOf(api.app).map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    // Whoever adds a route says with `describe` what it is, before its handler.
    expect(routes.filter((route) => !described.includes(route))).toEqual([])
    expect(described.filter((route) => !routes.includes(route))).toEqual([])
  })
})
