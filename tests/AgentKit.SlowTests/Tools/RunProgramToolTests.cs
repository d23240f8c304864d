using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.BuiltIn.Programs;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Tools;

public sealed class RunProgramToolTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private AIFunction Tool(params string[] allowed) => BuiltInTools.Create(new BuiltInToolsOptions
    {
        Root = _scratch.Path,
        Programs = new ProgramOptions { Allowed = allowed, Timeout = TimeSpan.FromSeconds(1), MaxOutputBytes = 2000 },
    }).Single(tool => tool.Name == "run_program");

    private static async Task<string> Run(AIFunction tool, string program, params string[] arguments) =>
        (string)(await tool.InvokeAsync(new AIFunctionArguments
        {
            ["program"] = program, ["arguments"] = JsonSerializer.SerializeToElement(arguments),
        }))!;

    private static async Task<string> Refused(AIFunction tool, string program, params string[] arguments) =>
        (await Assert.ThrowsAsync<ToolException>(() => Run(tool, program, arguments))).Message;

    [UnixFact]
    public async Task Run_MoreOutputThanAllowedAndThenTheEnd_IsNotTakenForTheWhole() =>
        Assert.Contains("wrote more than 2000 bytes", await Refused(Tool("seq"), "seq", "1", "1000"), StringComparison.Ordinal);

    [UnixFact]
    public async Task Run_ProgramWhoseChildEscapes_DoesNotWaitForTheChild()
    {
        string script = _scratch.Write("escape.sh", "echo done; env -i /usr/bin/setsid /bin/sleep 60 &\n");

        Assert.Equal("done\n", await Run(Tool("sh"), "sh", script));
    }

    [UnixFact]
    public async Task Run_ArgumentsAShellWouldRead_ArePassedOnAsTheyAre()
    {
        AIFunction tool = Tool("printf");

        Assert.Equal(
            "$(touch x)|; touch x|`touch x`|* |&& touch x|\n|> x|'\"|",
            await Run(tool, "printf", "%s|", "$(touch x)", "; touch x", "`touch x`", "* ", "&& touch x", "\n", "> x", "'\""));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Path));
    }

    [UnixFact]
    public async Task Run_WhatIsNotAllowed_IsRefused()
    {
        AIFunction tool = Tool("echo", "ls -a");

        Assert.Equal("'sh -c id' is not allowed; allowed are: echo, ls -a", await Refused(tool, "sh", "-c", "id"));
        foreach (string program in new[] { "/bin/echo", "./echo", "echo ", "ECHO", "echo;id", "", "ls" }) await Refused(tool, program);
        Assert.Contains("is not allowed", await Refused(tool, "ls", "-l"));
        Assert.Equal(".\n..\n", await Run(tool, "ls", "-a"));
        Assert.Contains("NUL", await Refused(tool, "echo", "a\0b"));
    }

    [UnixFact]
    public async Task Run_FailingProgram_TellsCodeAndWords() => Assert.Matches(
        "^'ls' ended with exit code [12]\\. It wrote:\n\\[standard error\\]\n.*no-such-file", await Refused(Tool("ls"), "ls", "no-such-file"));

    [UnixFact]
    public async Task Run_LongProgram_IsEndedWithAllItHasStarted()
    {
        string script = _scratch.Write("run.sh", "sleep 600 & echo $!; setsid sleep 601 & echo $!; wait");

        string message = await Refused(Tool("sh"), "sh", script);

        Assert.StartsWith("'sh' ran longer than 1 seconds and was ended. It wrote:\n", message);
        await Processes.EndOfAsync([.. message.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(int.Parse)]);
    }

    [UnixFact]
    public async Task Run_ProgramThatLeavesOneBehind_DoesNotWaitForItAndEndsIt()
    {
        string script = _scratch.Write("run.sh", "sleep 600 & echo $!");

        string output = await Run(Tool("sh"), "sh", script);

        await Processes.EndOfAsync([int.Parse(output)]);
    }

    [UnixFact]
    public async Task Run_EndlessOutput_IsEnded()
    {
        string message = await Refused(Tool("yes"), "yes");

        Assert.StartsWith("'yes' wrote more than 2000 bytes and was ended. It wrote:\ny\ny\n", message);
        Assert.InRange(message.Length, 2000, 2100);
    }

    [UnixFact]
    public async Task Run_Environment_HoldsNoSecrets()
    {
        Environment.SetEnvironmentVariable("AGENTKIT_TEST_SECRET", "secret");

        string variables = await Run(Tool("env"), "env");

        Assert.Contains("PATH=", variables);
        Assert.DoesNotContain("AGENTKIT_TEST_SECRET", variables);
    }

    [UnixFact]
    public void Create_ProgramThatIsNotThere_IsRefused()
    {
        Assert.Contains("'no-such-program x' cannot be allowed", Assert.Throws<UserInputException>(() => Tool("no-such-program x")).Message);
        Assert.Throws<UserInputException>(() => Tool());
    }

    [UnixFact]
    public void Contract_OfRunning_IsTheMostCareful()
    {
        AIFunction tool = Tool("echo");

        Assert.Equal(ApprovalAnswer.Ask, new ToolPolicy().For(tool));
        Assert.Equal((ToolReplay.Unsafe, SideEffect.Irreversible), (ToolContract.Of(tool).Replay, ToolContract.Of(tool).SideEffect));
        Assert.DoesNotContain(BuiltInTools.Create(new BuiltInToolsOptions { Root = _scratch.Path }), known => known.Name == "run_program");
    }
}
