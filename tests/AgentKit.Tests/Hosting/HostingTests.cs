using AgentKit.Agents;
using AgentKit.Hosting;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Hosting;

/// <summary>Agents in a real .NET host; only the model is a script.</summary>
public sealed class HostingTests : IDisposable
{
    private readonly ScratchFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Start_ModelAndAgent_AreThereByKeyAndWithout()
    {
        using IHost host = Build(new ScriptedModel(Text("done")));
        await host.StartAsync();
        var agent = host.Services.GetRequiredKeyedService<Agent>("helper");
        Assert.Same(agent, host.Services.GetRequiredService<Agent>());
        Assert.Same(host.Services.GetRequiredKeyedService<IChatClient>("script"), host.Services.GetRequiredService<IChatClient>());
        Assert.Equal(("helper", "Be brief."), (agent.Name, agent.Options.Instructions));
        AgentResult result = await agent.RunAsync("task");
        Assert.Equal("done", result.Answer);
        await host.StopAsync();
        Assert.NotNull(await RunView.LoadAsync(host.Services.GetRequiredService<IJournal>(), result.RunId));
    }

    [Fact]
    public async Task Stop_RunInWork_IsLetGoOfAndTheNextHostFinishesIt()
    {
        var asked = new TaskCompletionSource();
        string id;
        using (IHost first = Build(new ScriptedModel(_ =>
        {
            asked.TrySetResult();
            return Text("never") with { Gate = new TaskCompletionSource().Task };
        })))
        {
            await first.StartAsync();
            var agent = first.Services.GetRequiredService<Agent>();
            id = agent.NewRunId();
            Task<AgentResult> run = agent.RunAsync("task", id);
            await asked.Task;
            await first.StopAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
            Assert.Equal(RunStatus.Interrupted, (await ViewAsync(first, id)).Status);
        }

        using IHost second = Build(new ScriptedModel(Text("done")));
        await second.StartAsync();
        while ((await ViewAsync(second, id)).Status is not RunStatus.Completed) await Task.Yield();
        Assert.Equal("done", (await ViewAsync(second, id)).Answer);
        await second.StopAsync();
    }

    [Fact]
    public async Task Health_IsReadyFromTheStartToTheStop()
    {
        using IHost host = Build(new ScriptedModel());
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(check => check.Tags.Contains("ready"))).Status);
        await host.StartAsync();
        HealthReport report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(["agentkit", "model:script"], report.Entries.Keys.Order());
        await host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(check => check.Tags.Contains("ready"))).Status);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(check => check.Tags.Contains("live"))).Status);
    }

    [Fact]
    public async Task Start_AgentNamesAModelThatIsNotThere_SaysWhichThereAre()
    {
        using IHost host = Build(new ScriptedModel(), kit => kit.AddAgent("lost", "gpt"));
        var error = await Assert.ThrowsAsync<UserInputException>(() => host.StartAsync());
        Assert.Equal("Agent 'lost' names the model 'gpt', which was not added; added: script.", error.Message);
    }

    [Fact]
    public async Task Start_TwoOfOneName_AreRefused()
    {
        using IHost host = Build(new ScriptedModel(), kit => kit.AddAgent("helper", "script"));
        await Assert.ThrowsAsync<UserInputException>(() => host.StartAsync());
    }

    [Fact]
    public async Task Start_OptionsOutOfRange_NamesThem()
    {
        using IHost host = Build(new ScriptedModel(), kit => kit.Services.Configure<AgentKitOptions>(o => (o.DrainTimeout, o.Journal) = (TimeSpan.FromDays(2), " ")));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("DrainTimeout is 2.00:00:00; 0 to 1.00:00:00 is allowed.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Journal is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_BeforeTheStart_SaysWhenItIsMade()
    {
        using IHost host = Build(new ScriptedModel());
        Assert.Contains("when the host starts", Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<Agent>()).Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task Handoff_ToAnAgentAddedBefore_Works()
    {
        var desk = new ScriptedModel(Call("transfer_to_helper"));
        using IHost host = Build(new ScriptedModel(Text("done")), kit => kit
            .AddModel("desk-model", _ => desk)
            .AddAgent("desk", "desk-model", (services, o) => o with { Handoffs = [services.GetRequiredKeyedService<Agent>("helper")] }));
        await host.StartAsync();
        Assert.Equal("done", (await host.Services.GetRequiredKeyedService<Agent>("desk").RunAsync("task")).Answer);
        await host.StopAsync();
    }

    [Fact]
    public async Task DeadLetters_OfTheHostsActors_LieInTheJournalsFile()
    {
        using (IHost host = Build(new ScriptedModel()))
        {
            await host.StartAsync();
            var actors = host.Services.GetRequiredService<ActorSystem>();
            actors.Register("broken", _ => throw new FormatException("cannot be made"), new ActorKindOptions { MaxRestarts = 0 });
            actors.Tell(new ActorId("broken", "1"), "hello");
            await host.StopAsync();
        }

        DeadLetterRecord letter = Assert.Single(await SqliteDeadLetters.ReadAsync(_data["journal.db"]));
        Assert.Equal(("broken/1", "hello", "FormatException: cannot be made"), (letter.To.ToString(), letter.Message, letter.Error));
    }

    private IHost Build(IChatClient model, Action<AgentKitBuilder>? more = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        AgentKitBuilder kit = builder.Services.AddAgentKit(o => o.Journal = _data["journal.db"])
            .AddModel("script", _ => model)
            .AddAgent("helper", "script", o => o with { Instructions = "Be brief." });
        more?.Invoke(kit);
        return builder.Build();
    }

    private static async Task<RunView> ViewAsync(IHost host, string id) =>
        (await RunView.LoadAsync(host.Services.GetRequiredService<IJournal>(), id))!;
}
