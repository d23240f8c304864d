using System.CommandLine;
using System.CommandLine.Help;
using AgentKit.Cli.Chat;
using AgentKit.Cli.Doctor;
using AgentKit.Cli.Eval;
using AgentKit.Cli.Index;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Mcp.Clients;
using AgentKit.Cli.Memory;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Cli.Models;
using AgentKit.Cli.Runs;
using AgentKit.Cli.Serve;
using AgentKit.Cli.Train;

namespace AgentKit.Cli.App;

/// <summary>All commands. The groups mirror the folders.</summary>
internal static class CommandTree
{
    public static RootCommand Create(CommandHost host)
    {
        var root = new RootCommand("Agents on local models: run, remember, act.")
        {
            DoctorCommand.Create(host),
            RunCommand.Create(host),
            Runs(host),
            ChatCommand.Create(host),
            new Command("model", "Get models, look at them and measure them.")
            {
                ModelInfoCommand.Create(host),
                ModelListCommand.Create(host),
                ModelTokenizeCommand.Create(host),
                ModelFitCommand.Create(host),
                ModelPullCommand.Create(host),
                ModelImatrixCommand.Create(host),
                ModelQuantizeCommand.Create(host),
                ModelPruneCommand.Create(host),
                ModelRenderCommand.Create(host),
                ModelParseCommand.Create(host),
                ModelBenchCommand.Create(host),
            },
            Eval(host),
            Train(host),
            new Command("index", "Make documents findable, search them, measure the search.")
            {
                IndexAddCommand.Create(host),
                IndexSearchCommand.Create(host),
                IndexStatusCommand.Create(host),
                IndexWatchCommand.Create(host),
                IndexRemoveCommand.Create(host),
                IndexPublishCommand.Create(host),
                IndexEvalCommand.Create(host),
            },
            Memory(host),
            Mcp(host),
            ServeCommand.Create(host),
        };
        host.Options.AddTo(root);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, host.Examples);
        return root;
    }

    /// <summary>The words one types to reach a command, <c>agentkit</c> first.</summary>
    public static IEnumerable<string> PathFromRoot(this Command command)
    {
        var names = new Stack<string>();
        for (Symbol? at = command; at is Command and not RootCommand; at = at.Parents.FirstOrDefault()) names.Push(at.Name);
        names.Push("agentkit");
        return names;
    }

    private static Command Train(CommandHost host) => new Command("train", "Train LoRA adapters for GGUF models, and small models from nothing; check data and objectives.")
    {
        TrainPretrainCommand.Create(host),
        TrainRunCommand.CreateSft(host),
        TrainRunCommand.CreateDpo(host),
        TrainRunCommand.CreateKto(host),
        TrainRunCommand.CreateReward(host),
        TrainRunCommand.CreateGrpo(host),
        TrainRunCommand.CreatePpo(host),
        TrainRunCommand.CreateDistill(host),
        TrainSchemaCommand.Create(host),
        TrainScalingCommand.Create(host),
        TrainInspectCommand.Create(host),
        TrainMergeCommand.Create(host),
        TrainExportCommand.Create(host),
        TrainImportCommand.Create(host),
        TrainDataCommand.Create(host),
        TrainObjectiveCommand.Create(host),
    };

    private static Command Eval(CommandHost host) => new Command("eval", "Measure models and texts.")
        {
            EvalRunCommand.Create(host),
            EvalListCommand.Create(host),
            EvalPullCommand.Create(host),
            EvalCompareCommand.Create(host),
            EvalContaminationCommand.Create(host),
            EvalPplCommand.Create(host),
            EvalKldCommand.Create(host),
            EvalScoreCommand.Create(host),
        };

    private static Command Memory(CommandHost host) =>
        new Command("memory", "What agents remember: facts that age, and core memory.")
        {
            MemoryListCommand.Create(host),
            MemoryRecallCommand.Create(host),
            MemoryRememberCommand.Create(host),
            MemoryForgetCommand.Create(host),
            MemoryCoreCommand.Create(host),
        };

    private static Command Runs(CommandHost host) =>
        new Command("runs", "Look at runs in the journal, decide on their tool calls, go on with them.")
        {
            RunsListCommand.Create(host),
            RunsShowCommand.Create(host),
            RunsTraceCommand.Create(host),
            RunsResumeCommand.Create(host),
            RunsApproveCommand.Create(host),
            RunsRejectCommand.Create(host),
            RunsReplayCommand.Create(host),
            RunsForkCommand.Create(host),
            RunsDiffCommand.Create(host),
            RunsExportCommand.Create(host),
            RunsImportCommand.Create(host),
            RunsDeadLettersCommand.Create(host),
        };

    private static Command Mcp(CommandHost host) =>
        new Command("mcp", "Serve tools over the Model Context Protocol, and use those of other servers.")
        {
            McpServeCommand.Create(host),
            McpToolsCommand.Create(host),
            McpCallCommand.Create(host),
            McpApproveCommand.Create(host),
            McpConfigCommand.Create(host),
            McpDoctorCommand.Create(host),
        };
}
