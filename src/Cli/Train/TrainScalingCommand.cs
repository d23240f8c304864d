using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Training.Scaling;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train scaling RUN… --budget FLOPS</c>: the best size and amount of data for a budget, from small runs.</summary>
internal static class TrainScalingCommand
{
    private static readonly Argument<string[]> Runs = new("RUN")
    {
        Description = "Folders of finished pretraining runs, of several sizes and amounts of data.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<double> Budget = new("--budget")
    {
        Description = "Compute in FLOPs, such as 1e18; a run needs about 6 times weights times tokens.",
        HelpName = "flops",
        Required = true,
    };

    private static readonly Option<string?> Out = new("--out") { Description = "Write a page with plots to this .html file.", HelpName = "file" };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace the page if it exists." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("scaling", "Fit scaling laws to small runs and read the best model for a budget off them.") { Runs, Budget, Out, Force },
        "agentkit train scaling runs/* --budget 1e18 --out scaling.html",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        double flops = context.Parse.GetValue(Budget);
        if (!(double.IsFinite(flops) && flops > 0)) throw new UserInputException("--budget", $"--budget is {flops}; a number of FLOPs above 0 is expected.");
        string? page = PageFile(context);
        string[] folders = context.Parse.GetValue(Runs)!;
        (ScalingRun[] runs, ScalingLaw[] laws, ScalingLawJson[] documents) = await Task.Run(() => Fit(folders, flops)).WaitAsync(context.Stop);
        if (page is not null) await File.WriteAllTextAsync(page, ScalingPage.Render(runs, laws, flops), context.Stop);
        context.WriteJson(new ScalingJson(runs.Length, flops, documents, page));
        foreach (ScalingLawJson law in documents)
        {
            string range = law.ParametersRange is [var low, var high] ? string.Create(CultureInfo.InvariantCulture, $" (without one run each: {low:0.##e0} to {high:0.##e0})") : "";
            context.Screen.ShowLine(Markup.Escape(string.Create(
                CultureInfo.InvariantCulture,
                $"{law.Name,-10} {law.Parameters:0.##e0} weights{range} on {law.Tokens:0.##e0} tokens, loss {law.Loss:0.000}; fits the runs to {100 * law.Error:0.00} %")));
        }

        if (page is not null) context.Screen.ShowLine(Markup.Escape(page));
        return ExitCode.Done;
    }

    private static (ScalingRun[] Runs, ScalingLaw[] Laws, ScalingLawJson[] Documents) Fit(string[] folders, double flops)
    {
        ScalingRun[] runs = [.. folders.Select(Read)];
        ScalingLaw[] laws = [ChinchillaLaw.Fit(runs), KaplanLaw.Fit(runs)];
        return (runs, laws, [.. laws.Select(law => Document(law, runs, flops))]);
    }

    /// <summary>The page's file, when something may be written there.</summary>
    private static string? PageFile(CommandContext context)
    {
        if (context.Parse.GetValue(Out) is not { } file) return null;
        string page = Path.GetFullPath(file);
        if (Directory.Exists(page)) throw Fault("is a folder; the path of a new .html file is expected");
        if (File.Exists(page) && !context.Parse.GetValue(Force)) throw Fault("exists already; --force replaces it");
        return Directory.Exists(Path.GetDirectoryName(page)) ? page : throw Fault("lies in a folder that does not exist; create it first");

        UserInputException Fault(string what) => new(Out.Name, $"{Out.Name}: {page} {what}.");
    }

    private static ScalingLawJson Document(ScalingLaw law, ScalingRun[] runs, double flops)
    {
        ScalingOptimum best = law.Optimum(flops);
        return new(law.Name, law.Constants, law.Error(runs), best.Parameters, best.Tokens, best.Loss, Range(law, runs, flops));
    }

    /// <summary>What is advised when any one run is left out: a wide range means that the runs do not settle it.</summary>
    private static double[]? Range(ScalingLaw law, ScalingRun[] runs, double flops)
    {
        try
        {
            double[] sizes = [.. runs.Select((_, left) => law.Refit([.. runs.Where((_, i) => i != left)]).Optimum(flops).Parameters)];
            return [sizes.Min(), sizes.Max()];
        }
        catch (UserInputException)
        {
            return null;
        }
    }

    private static ScalingRun Read(string folder)
    {
        string file = Path.Combine(folder, "result.json");
        if (!File.Exists(file)) throw new UserInputException("RUN", $"RUN: {folder} has no result.json; a folder of a finished train pretrain is expected.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement root = document.RootElement, summary = root.GetProperty("summary");
            if (!summary.TryGetProperty("eval_loss_last", out JsonElement loss))
                throw new UserInputException("RUN", $"RUN: {folder} measured nothing on held-out text; its eval_share must be above 0.");
            double parameters = root.GetProperty("parameters").GetDouble(), own = root.GetProperty("non_embedding_parameters").GetDouble();
            double tokens = summary.GetProperty("tokens").GetDouble();
            if (!summary.TryGetProperty("best_eval", out JsonElement best)) return new(parameters, own, tokens, loss.GetDouble());
            // The best weights were written, and had seen no more than the steps up to them.
            double steps = summary.GetProperty("steps").GetDouble(), bestStep = summary.GetProperty("best_step").GetDouble();
            if (bestStep == 0) throw new UserInputException("RUN", $"RUN: {folder} never became better than its first weights; it says nothing about sizes.");
            return new(parameters, own, tokens * bestStep / steps, best.GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserInputException("RUN", $"RUN: {file} is not the result of train pretrain: {e.Message}", e);
        }
    }
}
