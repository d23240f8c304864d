using AgentKit.SlowTests.Memory;
using AgentKit.Tests.Support;

if (args is not [CrashProgram.Command, var folder]) return await VictimProcess.MainAsync(args);
await CrashProgram.MainAsync(folder);
return 0;
