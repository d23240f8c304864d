using AgentKit.SlowTests.Memory;

return await VictimProcess.MainAsync(args);
