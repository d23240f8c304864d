using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
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
               select new ModelListJson.Model(model.Name, model.Path, new FileInfo(model.Path).Length),
        ];
        context.WriteJson(new ModelListJson(models));
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("model").AddColumn("size").AddColumn("file");
        foreach (ModelListJson.Model model in models)
            table.AddRow(Markup.Escape(model.Name), Quantity.Bytes(model.Bytes), Markup.Escape(model.Path));
        context.Screen.Show(table);
        return ExitCode.Done;
    }
}
