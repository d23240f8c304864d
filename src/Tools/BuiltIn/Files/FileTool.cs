using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;

namespace AgentKit.Tools.BuiltIn.Files;

/// <summary>A built-in tool that reads below one folder.</summary>
internal abstract class FileTool(string name, string description, string parameter) : BuiltInTool(
    name, description, parameter, new ToolContract(ToolReplay.Idempotent, SideEffect.LocalRead))
{
    /// <summary>Runs disk work; what the system reports becomes a message that names no path but the one asked for.</summary>
    /// <param name="path">The path as it was asked for.</param>
    /// <param name="work">The work.</param>
    /// <param name="done">What could not be done: read, or written.</param>
    public static T Guarded<T>(string path, Func<T> work, string done = "read")
    {
        try
        {
            return work();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ToolException($"permission denied: '{path}'", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ToolException($"no such file '{path}'", e);
        }
        catch (IOException e)
        {
            throw new ToolException($"'{path}' cannot be {done}", e);
        }
    }
}
