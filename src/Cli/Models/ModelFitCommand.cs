using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Fitting;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model fit FILE</c>: what a model takes and with which sizes it fits, before it is loaded.</summary>
internal static class ModelFitCommand
{
    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "A .gguf file or the name of a model; without it the one of --model.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int?> Context = new("--ctx")
    {
        Description = "Tokens of one conversation that must fit. [default: the model's, at most 16384, less if memory is short]",
        HelpName = "n",
    };

    private static readonly Option<int> Parallel = new("--parallel")
    {
        Description = "Conversations wanted at once; fewer are chosen if memory is short.",
        HelpName = "n",
        DefaultValueFactory = _ => 8,
    };

    private static readonly Option<string?> Memory = new("--memory")
    {
        Description = "Main memory to plan for: 8GB, 8GiB or 8000000000. [default: 90 % of what is free]",
        HelpName = "bytes",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("fit", "Say what a model takes and with which sizes it fits, before loading it.") { File, Context, Parallel, Memory },
        "agentkit model fit nano --ctx 1024 --parallel 4 --memory 8GB --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        string? named = context.Parse.GetValue(File);
        string path = ModelLocator.Resolve(named ?? context.Model, context.Data, named is null ? "--model" : "FILE");
        var options = new ModelFitOptions
        {
            ContextLength = InRange(Context, context.Parse.GetValue(Context), int.MaxValue),
            Parallel = InRange(Parallel, context.Parse.GetValue(Parallel), 128)!.Value,
            MemoryBytes = context.Parse.GetValue(Memory) is { } text ? ByteSize.Parse(Memory.Name, text) : null,
        };
        ModelFitPlan plan = Plan(path, options);
        context.WriteJson(FitJson.Of(path, plan));
        context.Screen.Show(Table(plan));
        foreach (string note in plan.Notes) context.Screen.ShowLine($"[yellow]note:[/] {Markup.Escape(note)}");
        return plan.Fits ? ExitCode.Done : ExitCode.Failed;
    }

    private static ModelFitPlan Plan(string path, ModelFitOptions options)
    {
        try
        {
            return ModelFit.Plan(path, options);
        }
        catch (UserInputException e) when (e.Field == nameof(ModelFitOptions.ContextLength))
        {
            throw new UserInputException(Context.Name, $"{Context.Name}: {e.Message}", e);
        }
    }

    private static Grid Table(ModelFitPlan plan)
    {
        var grid = new Grid().AddColumn().AddColumn();
        void Row(string name, string value) => grid.AddRow($"[grey]{name}[/]", Markup.Escape(value));
        void Size(string name, long bytes, string more = "")
        {
            if (bytes > 0) Row(name, Quantity.Bytes(bytes) + more);
        }

        Row("context", string.Create(CultureInfo.InvariantCulture, $"{plan.ContextLength:N0} tokens"));
        Row("at once", string.Create(CultureInfo.InvariantCulture, $"{plan.Parallel} conversation{(plan.Parallel == 1 ? "" : "s")}, {plan.KvCells:N0} KV cells"));
        Row("KV cache", plan.KvType.ToString().ToLowerInvariant());
        Row("GPU layers", $"{plan.GpuLayers} of {plan.Layers}");
        Size("weights", plan.WeightBytes, plan.ExpertBytes > 0 ? $" ({Quantity.Bytes(plan.ExpertBytes)} of experts)" : "");
        Size("keys and values", plan.KvBytes);
        Size("recurrent state", plan.RecurrentBytes);
        Size("compute buffers", plan.ComputeBytes);
        Size("output buffer", plan.OutputBytes);
        Row("needed", $"{Quantity.Bytes(plan.NeededBytes)}{(plan.GpuBytes > 0 ? $", {Quantity.Bytes(plan.GpuBytes)} of it on the GPU" : "")}");
        Row("available", Quantity.Bytes(plan.MemoryBytes) + (plan.GpuMemoryBytes > 0 ? $" and {Quantity.Bytes(plan.GpuMemoryBytes)} on GPUs" : ""));
        Row("dry run", plan.Agrees == true ? "llama.cpp says the same" : "llama.cpp says something else (--json shows it)");
        Row("fits", plan.Fits ? "yes" : "no");
        return grid;
    }

    private static int? InRange(Option option, int? value, int most) => value is null or >= 1 && !(value > most)
        ? value
        : throw new UserInputException(option.Name, $"{option.Name} is {value}; {(most == int.MaxValue ? "1 or more" : $"1 to {most}")} is allowed.");
}
