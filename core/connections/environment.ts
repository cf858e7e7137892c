import type { Reader } from '#db/db.ts'
import { mayOnPlatform } from '../access.ts'
import type { Actor } from '../actor.ts'
import { AppError } from '../errors.ts'
import type { EnvironmentConnection } from '../models/connections.ts'
import type { Settings } from '../settings.ts'
import { requireOwner } from './access.ts'
import { type ConnectionSettings, INSTANCE, KINDS } from './connection.ts'
import type { ConnectionView } from './view.ts'

type Given = Pick<Settings, 'modelConnections'>

/** One that the operator gave in the environment, by its name. It acts as the instance's, and is stored nowhere. */
export const environmentConnection = ({ modelConnections }: Given, name: string): EnvironmentConnection | undefined =>
  modelConnections.find(({ id }) => id === name)

export const environmentSettings = ({ provider, baseUrl }: EnvironmentConnection): ConnectionSettings => ({
  baseUrl: withoutUser(baseUrl),
  auth: KINDS[provider].auth,
  testPath: null,
})

/** What is shown of it: of its secret nothing at all, since there is nobody who could change it here. */
export const environmentView = (given: EnvironmentConnection, { platformRole }: Actor): ConnectionView => ({
  id: given.id,
  name: given.id,
  provider: given.provider,
  owner: { type: 'instance', id: null },
  origin: 'environment',
  ...environmentSettings(given),
  hint: null,
  version: 1,
  isReadable: true,
  lastTest: null,
  createdBy: null,
  createdAt: null,
  rotatedAt: null,
  mayChange: false,
  mayTest: mayOnPlatform(platformRole, 'connect_instance'),
})

/** Throws where `name` is one of the environment: whoever may change those of the instance learns where that is done. */
export async function refuseToChange(on: Reader, actor: Actor, settings: Given, name: string): Promise<void> {
  if (!environmentConnection(settings, name)) return
  await requireOwner(on, actor, INSTANCE)
  throw new AppError(
    'conflict',
    `${name} stands in the environment of the program. Change it there and start the program again.`,
  )
}

/** An address may carry a name and a password of its own. */
function withoutUser(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  return url ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : ''
}
