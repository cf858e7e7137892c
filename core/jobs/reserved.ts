/** Commands of the program itself, present and to come: no job may take their names. The command list is tested against it. */
export const RESERVED_COMMANDS: ReadonlySet<string> = new Set(
  `start help whoami link console cancel confirm fillin proposed home notifications
   mycontext setcontext linkchat unlinkchat
   createteam teams teaminfo invite invitemember invitations join decline leaveteam members setrole removemember transferteam
   renameteam deleteteam
   balance statement fund grant creditline repay cap askmore budgetrequests allowmore declinemore usage refund
   jobs job run quote publish unpublish runs status cancelrun retry variants accept export log
   reviews review approve reject requestchanges choose answer
   schedule schedules pause resume runnow unschedule plan hint explainschedule planaction plansource
   triggers deliveries testtrigger pausetrigger resumetrigger replaydelivery
   rules rulefires pauserule resumerule removerule
   hire agents task tasks showtask checkitem pauseagent resumeagent retireagent nexttask givetask matchtask claim move memory
   connections policy settings muster`
    .split(/\s+/)
    .filter(Boolean),
)
