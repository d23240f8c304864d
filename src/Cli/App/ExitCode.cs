namespace AgentKit.Cli.App;

/// <summary>What the process says to the shell that started it.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongInput = 2;
    public const int Cancelled = 130;
}
