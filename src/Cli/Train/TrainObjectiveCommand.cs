using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train objective --name NAME --input FILE</c>: a training objective of given numbers, for checks against other programs.</summary>
internal static class TrainObjectiveCommand
{
    private static readonly Option<string> Name = NameOption();

    private static readonly Option<string> Input = new("--input")
    {
        Description = "JSON with logits or log-probabilities; docs/formats.md has the fields.",
        HelpName = "file",
        Required = true,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("objective", "Compute the loss of a training objective and its gradient, in double precision.") { Name, Input },
        "agentkit train objective --name dpo --input pairs.json --json",
        context => Task.FromResult(Run(context)));

    private static Option<string> NameOption()
    {
        Option<string> option = new("--name")
        {
            Description = $"One of {string.Join(", ", ObjectiveCases.Names)}.",
            HelpName = "name",
            Required = true,
        };
        option.AcceptOnlyFromAmong([.. ObjectiveCases.Names]);
        return option;
    }

    private static int Run(CommandContext context)
    {
        JsonPlace input = JsonPlace.Read("--input", context.Parse.GetValue(Input)!);
        (double loss, JsonNode gradient) = ObjectiveCases.Compute(context.Parse.GetValue(Name)!, input);
        context.WriteJson(new TrainObjectiveJson(loss, gradient));
        context.Screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loss = {loss:R}"));
        context.Screen.WriteLine($"gradient = {gradient.ToJsonString()}");
        return ExitCode.Done;
    }
}
