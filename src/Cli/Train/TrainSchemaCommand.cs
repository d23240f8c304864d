using System.CommandLine;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train schema NAME [--out FILE]</c>: what a training command's configuration may hold, for editors.</summary>
internal static class TrainSchemaCommand
{
    private static readonly Argument<string> Name = NameArgument();

    private static readonly Option<string?> Out = new("--out") { Description = "Write it to this file.", HelpName = "file" };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace the file if it exists." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command(
            "schema",
            "Print the JSON Schema of a training command's configuration. With \"$schema\": \"sft.schema.json\" in it, editors complete and check its fields.")
        {
            Name, Out, Force,
        },
        "agentkit train schema sft --out sft.schema.json",
        context => Task.FromResult(Run(context)));

    private static Argument<string> NameArgument()
    {
        Argument<string> argument = new("NAME") { Description = "The command." };
        argument.AcceptOnlyFromAmong([.. ConfigSchema.Names]);
        return argument;
    }

    private static int Run(CommandContext context)
    {
        JsonObject schema = ConfigSchema.Of(context.Parse.GetValue(Name)!);
        if (context.Parse.GetValue(Out) is not { } file)
        {
            JsonOutput.Write(context.Terminal.Out, schema);
            return ExitCode.Done;
        }

        string path = Path.GetFullPath(file);
        if (File.Exists(path) && !context.Parse.GetValue(Force)) throw new UserInputException(Out.Name, $"{Out.Name}: {path} exists already; --force replaces it.");
        Write(path, schema);
        context.WriteJson(new TrainSchemaJson(path));
        context.Screen.ShowLine(Markup.Escape(path));
        return ExitCode.Done;
    }

    private static void Write(string path, JsonObject schema)
    {
        try
        {
            using var writer = new StreamWriter(path) { NewLine = "\n" };
            JsonOutput.Write(writer, schema);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(Out.Name, $"{Out.Name}: {path} cannot be written: {e.Message}", e);
        }
    }
}
