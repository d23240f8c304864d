// A web app with an agent: POST /ask {"task": "What is 347 plus 518?"}. A run that the end of the process interrupts goes on after the next start.
using AgentKit.Agents;
using AgentKit.Hosting;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tools.BuiltIn;

var builder = WebApplication.CreateBuilder(args);
builder.Services
    .AddAgentKit(options => options.Journal = builder.Configuration["journal"] ?? "journal.db")
    .AddModel("nano", builder.Configuration["model"] ?? "models/nano.gguf")
    .AddAgent("helper", model: "nano", options => options with { Tools = BuiltInTools.Create(new BuiltInToolsOptions { Root = "." }) });

var app = builder.Build();
app.MapHealthChecks("/health/live", new() { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains("ready") });

app.MapPost("/ask", async (Question question, Agent agent, CancellationToken stop) =>
{
    try
    {
        AgentResult result = await agent.RunAsync(question.Task, cancellationToken: stop);
        return Results.Json(result.Run.ToJson());
    }
    catch (UserInputException e)
    {
        return Results.BadRequest(new { error = e.Message });
    }
});

app.MapGet("/runs/{id}", async (string id, IJournal journal, CancellationToken stop) =>
    await RunView.LoadAsync(journal, id, stop) is { } run ? Results.Json(run.ToJson()) : Results.NotFound());

app.Run();

internal sealed record Question(string Task);
