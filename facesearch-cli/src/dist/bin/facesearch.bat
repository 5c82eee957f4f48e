@echo off
rem Starts facesearch, from wherever its folder lies. Not run on Windows yet.
rem FACESEARCH_OPTS are further options of Java, such as -Xmx4g.
setlocal
set "APP=%~dp0.."
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if exist "%APP%\runtime\bin\java.exe" set "JAVA=%APP%\runtime\bin\java.exe"
"%JAVA%" %FACESEARCH_OPTS% -jar "%APP%\facesearch.jar" %*
exit /b %ERRORLEVEL%
