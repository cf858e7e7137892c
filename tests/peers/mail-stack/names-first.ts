import dns from 'node:dns'

/** Loaded into the real program before anything of its own (`node --import`): its names come from the test's name server. */
const { TEST_NAMES } = process.env
if (TEST_NAMES) dns.setServers([TEST_NAMES])
