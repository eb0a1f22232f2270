import { readKeyFile } from '../config/home.ts'
import { ConfigError } from '../errors.ts'
import { openLocal } from './local.ts'

export interface DashboardFlags {
  readonly show?: boolean
  readonly config?: string
}

/** `switchyard dashboard`: where the dashboard is, and the admin key that opens it; `--show` prints that key alone. */
export async function showDashboard(flags: DashboardFlags): Promise<void> {
  const local = openLocal(flags)
  const { adminKeyFile } = local.loaded.home
  const key = readKeyFile(adminKeyFile)
  if (key === undefined)
    throw new ConfigError(
      `there is no admin key yet; the first "switchyard serve" or "start" makes one in ${adminKeyFile}`,
    )
  if (flags.show === true) {
    console.log(key)
    return
  }
  console.log(`${local.url}/dashboard`)
  console.log(`The admin key that opens it is in ${adminKeyFile}; switchyard dashboard --show prints it`)
  if ((await local.ask('/admin/session')) !== undefined) return
  console.error('switchyard: no gateway answers there now; switchyard start')
  process.exitCode = 1
}
