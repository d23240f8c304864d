using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model list</c>: the models that have a name.</summary>
internal static class ModelListCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("list", "List the shipped model and those in <data>/models."),
        "agentkit model list",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        ModelListJson.Model[] models =
        [
            .. from model in ModelLocator.List(context.Data)
               select Describe(model.Name, model.Path),
        ];
        context.WriteJson(new ModelListJson(models));
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("model").AddColumn("size").AddColumn("weights").AddColumn("file");
        foreach (ModelListJson.Model model in models)
            table.AddRow(Markup.Escape(model.Name), Quantity.Bytes(model.Bytes), model.Quantization ?? "unreadable", Markup.Escape(model.Path));
        context.Screen.Show(table);
        return ExitCode.Done;
    }

    private static ModelListJson.Model Describe(string name, string path)
    {
        long bytes = ModelLocator.Parts(path).Sum(part => new FileInfo(part).Length);
        try
        {
            ModelInfo info = ModelInfo.Read(path);
            return new(name, path, bytes, info.Quantization, info.Architecture);
        }
        catch (UserInputException)
        {
            return new(name, path, bytes, null, null);
        }
    }
}
